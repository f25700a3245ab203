// Checks of answers that an endpoint elsewhere would give: what would leave is shown, and nothing leaves unless the user says so.

import { equal, holds, judged, settled } from './browser.mjs';
import { fresh } from './chat.mjs';

const last = '.message.assistant:last-child';
const outgoing = { endpoint: 'far', host: 'far.example', why: 'the rule "marked" leads there', sha256: 'abc', body: '{"messages":[{"role":"user","content":"What are you?"}]}' };

export const checks = {
  'asks before anything leaves': async ({ page, shot, faults }) => {
    for (const [button, consent, by] of [['Answer here', 'local', 'local'], ['Send it', outgoing.sha256, 'far']]) {
      await fresh(page);
      const bodies = [];
      await page.route('**/v1/chat/completions', (route) => {
        bodies.push(route.request().postDataJSON());
        if (bodies.length === 1) {
          return route.fulfill({ status: 409, json: { error: { message: 'May this leave?', type: 'consent', code: 'consent_needed' }, outgoing } });
        }

        const chunk = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'pebble', choices: [{ index: 0, delta: { content: 'A stone.' }, finish_reason: 'stop' }] };
        return route.fulfill({ contentType: 'text/event-stream', headers: { 'x-gemmavk-route': by }, body: `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n` });
      }, { times: 2 });
      await page.fill('#words', 'What are you?');
      await page.press('#words', 'Enter');
      await page.locator('dialog[open] pre').waitFor();
      equal(await page.textContent('dialog[open] pre'), outgoing.body, 'what would leave');
      holds((await page.textContent('dialog[open]')).includes(outgoing.host) && (await page.textContent('dialog[open]')).includes(outgoing.why), 'neither where to nor why');
      equal(bodies.length, 1, 'requests before the user spoke');
      equal(await page.evaluate(() => ['dialog[open]', 'dialog[open] pre'].some((each) => document.querySelector(each).scrollWidth > document.querySelector(each).clientWidth)), false, 'what would leave is cut');
      equal(await judged(page), [], 'axe, consent');
      await shot('consent');
      await page.locator('dialog[open]').getByRole('button', { name: button }).click();
      await settled(page);
      equal([bodies[0].route_consent, bodies[1].route_consent, bodies[1].messages], [undefined, consent, bodies[0].messages], 'the consent');
      equal((await page.textContent(`${last} .body`)).trim(), 'A stone.', 'the answer');
      equal((await page.textContent(last)).includes('far'), by === 'far', 'who answered');
    }

    // The browser itself notes every answer that is not 2xx.
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('409')));
  },
};
