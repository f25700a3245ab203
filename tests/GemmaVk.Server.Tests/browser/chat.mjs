// Checks of the chat: one function per item, named as it is reported. Each gets a tab with a page that has just loaded or said something.

import { readFile } from 'node:fs/promises';
import { CORPUS } from './corpus.mjs';
import { answerNext, answered, equal, holds, judged, say, settled } from './browser.mjs';

const last = '.message.assistant:last-child';

export const checks = {
  'asks and is answered, thoughts folded': async ({ page }) => {
    await openPanel(page, 'settings');
    await page.fill('#sampling-temperature', '0');
    await page.fill('#sampling-seed', '7');
    await closePanel(page);
    await page.click('#think');
    await page.click('.suggestion >> nth=0');
    await answered(page, () => page.press('#words', 'Enter'));
    holds((await page.textContent(`${last} .body`)).includes('132'), 'the answer is not 132');
    equal(await page.getAttribute(`${last} .thinking`, 'open'), null, 'thoughts are open');
    await page.click(`${last} .thinking summary`);
    holds((await page.textContent(`${last} .thought`)).length > 5, 'no thoughts');
    await page.click(`${last} .thinking summary`);
    holds(/\d tokens · [\d.,]+ tok\/s · \d+.* to first token/.test(await page.textContent(`${last} .stats`)), 'no figures below the answer');
  },

  'looks inside: tokens, alternatives, memory, kernels, queue': async ({ page, shot }) => {
    await openPanel(page, 'inside');
    await page.waitForSelector('.tokens .token');
    const answer = (await page.textContent(`${last} .body`)).trim();
    holds((await page.textContent('.tokens')).replaceAll('·', ' ').includes(answer.slice(0, 3)), 'the strip has other tokens than the answer');
    await page.hover('.tokens .token >> nth=-2');
    await page.waitForSelector('.alternatives li');
    holds(await page.locator('.alternatives li').count() >= 2, 'no alternatives');
    holds(/%|e-/.test(await page.textContent('.alternatives')), 'alternatives without shares');
    await page.focus('.tokens');
    await page.keyboard.press('ArrowRight');
    equal(await page.locator('.token.pointed').count(), 1, 'arrow keys point at no token');
    await page.waitForSelector('.memory .part');
    holds(/planned, .* in use/.test(await page.textContent('#panel-inside')), 'no memory');
    holds(await page.locator('.queue .seat').count() >= 1, 'no seats');
    // Whether kernels are timed is decided when a server starts: what it would say then is put into what this one says.
    await page.route('**/gemmavk/status', async (route) => {
      const response = await route.fetch();
      const status = await response.json();
      holds(Array.isArray(status.kernels), 'status has no kernels');
      await route.fulfill({ response, json: { ...status, kernels: [{ name: 'MatVec', share: 0.75, milliseconds: 1500 }, { name: 'Rope', share: 0.25, milliseconds: 500 }] } });
    });
    await page.waitForFunction(() => [...document.querySelectorAll('.kernels li')].map((row) => row.textContent).join() === 'MatVec75 % · 1.5 s,Rope25 % · 500 ms');
    await page.unroute('**/gemmavk/status');
    holds((await page.textContent('.figures')).includes('tok/s'), 'no speed');
    await shot('inside');
    equal(await judged(page), [], 'axe, inside');
    await closePanel(page);
  },

  'edits and answers again in branches': async ({ page }) => {
    await page.hover('.message.user:last-of-type, .message.user');
    await page.locator('.message.user').first().getByRole('button', { name: 'Edit message' }).click();
    await page.fill('.message.user textarea', 'What is 12 + 3?');
    await answered(page, () => page.press('.message.user textarea', 'Enter'));
    holds((await page.textContent(`${last} .body`)).includes('15'), 'the edited question is not answered');
    equal(await page.textContent('.message.user .branches > span'), '2 / 2', 'no branch');
    await page.locator('.message.user').getByRole('button', { name: 'Branch before' }).click();
    await page.waitForFunction((node) => document.querySelector(node).textContent.includes('132'), `${last} .body`);
    await answered(page, () => page.locator(last).getByRole('button', { name: 'Answer again' }).click());
    equal(await page.textContent(`${last} .branches > span`), '2 / 2', 'no second answer');
    const said = await page.textContent(`${last} .body`);
    await answered(page, () => page.locator(last).getByRole('button', { name: 'Replay' }).click());
    equal([await page.textContent(`${last} .branches > span`), await page.textContent(`${last} .body`)], ['3 / 3', said], 'the same seed gave another answer');
  },

  'keeps conversations, finds, renames, exports, imports, removes': async ({ page, base, screen }) => {
    await page.goto(base);
    // The list is drawn once more when the server has said that it keeps conversations; a click in between would be lost.
    await page.locator('#conversations li button[aria-label^="Keep "]').first().waitFor({ state: 'attached' });
    await openSidebar(page, screen);
    await page.waitForSelector('#conversations .open');
    equal(await page.locator('#conversations .open').count(), 1, 'conversations after a reload');
    await page.click('#conversations .open');
    await page.waitForSelector(`${last} .body`);
    holds((await page.textContent(`${last} .body`)).includes('132'), 'the answer was not kept');
    await openSidebar(page, screen);
    await page.getByRole('button', { name: /^Rename / }).click();
    await page.fill('dialog input', 'Sums');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#conversations .open')?.textContent === 'Sums');
    await page.fill('#search', 'nowhere to be found');
    await page.waitForFunction(() => document.querySelectorAll('#conversations li').length === 0);
    await page.fill('#search', '12 + 3');
    await page.waitForFunction(() => document.querySelectorAll('#conversations li').length === 1);
    await page.fill('#search', '');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export')]);
    const file = JSON.parse(await readFile(await download.path(), 'utf8'));
    equal([file.format, file.conversations.length, file.conversations[0].messages.length], ['gemmavk-conversations', 1, 6], 'the exported file');
    await page.setInputFiles('#import-file', { name: 'c.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) });
    await page.waitForFunction(() => document.querySelectorAll('#conversations li').length === 2);
    await page.setInputFiles('#import-file', { name: 'c.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"other"}') });
    await page.getByText('no file of conversations').waitFor();
    file.conversations[0].messages[1].text = { toString: 'x' };
    await page.setInputFiles('#import-file', { name: 'd.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) });
    await page.getByText('d.json: This is no file of conversations').waitFor();
    await page.getByRole('button', { name: 'Remove Sums' }).first().click();
    await page.click('dialog button.danger');
    await page.waitForFunction(() => document.querySelectorAll('#conversations li').length === 1);
    await page.click('#conversations .open');
    await page.waitForSelector(last);
  },

  'writes Markdown: code with copy, math, tables, tasks': async ({ page, shot }) => {
    await fresh(page);
    const code = 'def add(a, b):\n    return a + b';
    await answerWith(page, `## A sum\n\nWith $a^2 + b^2 = c^2$ and **bold**:\n\n\`\`\`python\n${code}\n\`\`\`\n\n$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$\n\n| n | square |\n|---|--:|\n| 3 | 9 |\n\n- [x] done\n- [ ] open\n\nIt costs $5 and not $6.`);
    await page.waitForSelector(`${last} math[display=block]`);
    equal(await page.locator(`${last} math`).count(), 2, 'formulas');
    holds((await page.textContent(`${last} .body`)).includes('$5 and not $6'), 'money became a formula');
    await page.waitForSelector(`${last} .hljs-keyword`);
    await page.click(`${last} .code .small`);
    equal(await page.evaluate(() => navigator.clipboard.readText()), code, 'the copied code');
    equal(await page.getAttribute(`${last} td:nth-child(2)`, 'align'), 'right', 'the column');
    equal(await page.locator(`${last} input[type=checkbox]`).count(), 2, 'tasks');
    await shot('markdown');
    equal(await judged(page), [], 'axe, Markdown');
  },

  'runs nothing that a model writes': async ({ page }) => {
    await fresh(page);
    await answerWith(page, CORPUS.join('\n\n'));
    await page.waitForSelector(`${last} .stats`);
    await page.waitForTimeout(300);
    equal(await page.evaluate(() => window.wasRun ?? null), null, 'script of the model ran');
    const found = await page.evaluate((node) => {
      const body = document.querySelector(node).querySelector('.body');
      const own = new Set(['BUTTON', 'INPUT']);
      return [...body.querySelectorAll('*')].flatMap((each) => [
        ['SCRIPT', 'IFRAME', 'IMG', 'SVG', 'STYLE', 'LINK', 'META', 'BASE', 'FORM', 'OBJECT', 'EMBED', 'VIDEO', 'AUDIO', 'TEMPLATE', 'DETAILS'].includes(each.tagName.toUpperCase()) && each.tagName,
        own.has(each.tagName) ? false : [...each.attributes].find(({ name, value }) => /^on|^style$|^src|^ping|^action/i.test(name) || (name === 'href' && !/^(https?|mailto):/i.test(value)))?.name,
        each.tagName === 'A' && each.rel !== 'noopener noreferrer' && 'a link that tells where it comes from',
      ].filter(Boolean));
    }, last);
    equal(found, [], 'markup of the model');
  },

  'stops, and says what broke': async ({ page }) => {
    await fresh(page);
    await slowly(page);
    await page.fill('#words', 'Go on.');
    await page.press('#words', 'Enter');
    await page.waitForFunction((node) => document.querySelector(node)?.textContent.includes('on and on'), `${last} .body`);
    equal(await page.getAttribute('#send', 'aria-label'), 'Stop', 'the button');
    await page.keyboard.press('Escape');
    await settled(page);
    holds((await page.textContent(`${last} .foot`)).includes('Stopped.'), 'it does not say that it stopped');
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ contentType: 'text/event-stream', body: 'data: {"choices":[{"index":0,"delta":{"content":"half"},"finish_reason":null}]}\n\n' }), { times: 1 });
    await say(page, 'Again.');
    holds((await page.textContent(`${last} .problem`)).includes('broke before'), 'a broken stream is not reported');
    equal((await page.textContent(`${last} .body`)).trim(), 'half', 'what came before');
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ contentType: 'text/event-stream', body: 'data: {"error":{"message":"The device was lost.","type":"server_error","param":null,"code":null}}\n\n' }), { times: 1 });
    await say(page, 'And again.');
    holds((await page.textContent(`${last} .problem`)).includes('The device was lost.'), 'an error in the stream is not reported');
  },

  'asks for the key where one is wanted': async ({ page, faults }) => {
    await fresh(page);
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ status: 401, json: { error: { message: 'The key is missing.', type: 'authentication_error', param: null, code: null } } }), { times: 1 });
    await page.fill('#words', 'Hello');
    await page.press('#words', 'Enter');
    await page.waitForSelector('dialog input[type=password]');
    const second = page.waitForRequest('**/v1/chat/completions');
    await page.fill('dialog input', 'secret');
    await page.keyboard.press('Enter');
    equal((await second).headers().authorization, 'Bearer secret', 'the key');
    await settled(page);
    await page.evaluate(() => sessionStorage.clear());
    // Chromium itself writes a line for each answer that is no success.
    equal(faults.splice(0).filter((fault) => !/status of 401/.test(fault)), [], 'faults');
  },

  'reads one conversation while another is answered': async ({ page, screen }) => {
    await fresh(page);
    await slowly(page);
    await page.fill('#words', 'Take your time.');
    await page.press('#words', 'Enter');
    await page.waitForFunction((node) => document.querySelector(node)?.textContent.includes('on and on'), `${last} .body`);
    await fresh(page);
    await openSidebar(page, screen);
    await page.waitForSelector('#conversations .busy-dot');
    await page.keyboard.press('Escape');
    answerNext(page, [{ content: 'At once.' }]);
    await say(page, 'Quickly.');
    await openSidebar(page, screen);
    await page.locator('#conversations .open', { hasText: 'Take your time.' }).click();
    await page.waitForFunction((node) => (document.querySelector(node)?.textContent.match(/on and/g) ?? []).length > 5, `${last} .body`);
    await page.click('#send');
    await settled(page);
  },

  'sends the system prompt and the sampling': async ({ page }) => {
    await fresh(page);
    await openPanel(page, 'settings');
    await page.fill('#system', 'Answer briefly.');
    await page.fill('#sampling-temperature', '0.5');
    await page.fill('#sampling-top_k', '40');
    await page.fill('#sampling-temperature', '9');
    equal(await page.getAttribute('#sampling-temperature', 'aria-invalid'), 'true', 'a temperature of 9');
    await page.fill('#sampling-temperature', '0.5');
    equal(await judged(page), [], 'axe, settings');
    await closePanel(page);
    await page.click('#think');
    equal(await page.getAttribute('#think', 'aria-pressed'), 'false', 'Think');
    const asked = answerNext(page, [{ content: 'Yes.' }]);
    await say(page, 'Hello');
    const { messages, temperature, top_k: topK, chat_template_kwargs: template, stream } = await asked;
    equal([messages, temperature, topK, template, stream], [[{ role: 'system', content: 'Answer briefly.' }, { role: 'user', content: 'Hello' }], 0.5, 40, { enable_thinking: false }, true], 'the request');
  },

  'goes by keys, in both themes and in German': async ({ page, screen }) => {
    await fresh(page);
    await page.fill('#words', 'one');
    await page.press('#words', 'Shift+Enter');
    equal(await page.inputValue('#words'), 'one\n', 'Shift+Enter');
    await page.fill('#words', '');
    await page.keyboard.press('Control+k');
    equal(await page.evaluate(() => document.activeElement.id), 'search', 'Ctrl+K');
    const shown = () => page.locator('#sidebar').isVisible();
    const before = await shown();
    await page.keyboard.press('Control+b');
    equal(await shown(), !before, 'Ctrl+B');
    if (screen.width > 860) {
      await page.keyboard.press('Control+b');
    }

    await page.keyboard.press('Control+/');
    holds((await page.textContent('dialog')).includes('New conversation'), 'Ctrl+/');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Shift+O');
    equal(await page.evaluate(() => document.activeElement.id), 'words', 'Ctrl+Shift+O');
    const ground = () => page.evaluate(() => getComputedStyle(document.querySelector('#middle')).backgroundColor);
    await openPanel(page, 'settings');
    const selects = page.locator('#panel-settings select');
    await selects.nth(0).selectOption('dark');
    const dark = await ground();
    equal(await judged(page), [], 'axe, dark');
    await selects.nth(0).selectOption('light');
    holds(await ground() !== dark, 'light is dark');
    equal(await judged(page), [], 'axe, light');
    await selects.nth(0).selectOption('system');
    await Promise.all([page.waitForNavigation(), selects.nth(1).selectOption('de')]);
    await page.getByText('Worum geht es?').waitFor();
    await openPanel(page, 'settings');
    await Promise.all([page.waitForNavigation(), page.locator('#panel-settings select').nth(1).selectOption('en')]);
    await page.getByText('What is on your mind?').waitFor();
    await closePanel(page);
  },
};

// A request that is answered with one text.
async function answerWith(page, content) {
  answerNext(page, content.match(/[\s\S]{1,40}/g).map((piece) => ({ content: piece })));
  await say(page, 'Show me.');
}

// The next request is answered in the page, piece after piece without end; aborting ends it, as it ends a real one.
function slowly(page) {
  return page.evaluate(() => {
    const real = window.fetch;
    window.fetch = (path, options) => {
      window.fetch = real;
      const chunk = new TextEncoder().encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'on and ' }, finish_reason: null }] })}\n\n`);
      return Promise.resolve(new Response(new ReadableStream({
        start(stream) {
          const clock = setInterval(() => stream.enqueue(chunk), 30);
          options.signal.addEventListener('abort', () => {
            clearInterval(clock);
            stream.error(new DOMException('', 'AbortError'));
          });
        },
      })));
    };
  });
}

export async function fresh(page) {
  await page.evaluate(() => document.getElementById('new').click());
  await page.waitForSelector('#welcome:not([hidden])');
}

export async function openSidebar(page, screen) {
  if (screen.width <= 860 && !(await page.locator('#sidebar').isVisible())) {
    await page.click('#menu');
  }
}

export async function openPanel(page, name) {
  if (!(await page.locator(`#panel-${name}`).isVisible())) {
    await page.click(`#${name}-button`);
  }
}

export async function closePanel(page) {
  if (await page.locator('#panel').isVisible()) {
    await page.click('#panel-close');
  }
}
