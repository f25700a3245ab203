// Checks of tools and structured output: a function whose script answers, one that is answered by hand, what a script cannot do, a schema.

import { answerNext, equal, holds, judged, say, settled } from './browser.mjs';
import { closePanel, fresh, openPanel } from './chat.mjs';

const last = '.message.assistant:last-child';

const call = (name, given, index = 0) => ({ tool_calls: [{ index, id: `call_${name}`, type: 'function', function: { name, arguments: JSON.stringify(given) } }] });

export const checks = {
  'defines a function whose script answers': async ({ page, shot }) => {
    await fresh(page);
    await openPanel(page, 'tools');
    await page.getByRole('button', { name: 'add', exact: true }).click();
    await page.fill('#function-parameters', '{ "type": ');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This is no JSON').waitFor();
    await page.fill('#function-parameters', '{ "type": "object", "properties": { "a": { "type": "number" }, "b": { "type": "number" } }, "required": ["a", "b"] }');
    equal(await judged(page), [], 'axe, function');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForSelector('.functions li');
    await closePanel(page);
    const first = answerNext(page, [call('add', { a: 47, b: 85 })], 'tool_calls');
    await page.fill('#words', 'What is 47 + 85?');
    await page.press('#words', 'Enter');
    const { tools, tool_choice: choice } = await first;
    equal([tools[0].function.name, tools[0].function.strict, choice], ['add', true, 'auto'], 'the request');
    const { messages } = await answerNext(page, [{ content: 'It is 132.' }]);
    equal(messages.slice(1), [
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_add', type: 'function', function: { name: 'add', arguments: '{"a":47,"b":85}' } }] },
      { role: 'tool', tool_call_id: 'call_add', content: '132' },
    ], 'what went back');
    await settled(page);
    equal((await page.textContent(`${last} .body`)).trim(), 'It is 132.', 'the answer');
    holds((await page.textContent('.call')).includes('answered by its script'), 'the card of the call');
    await shot('tool');
  },

  'answers calls by hand': async ({ page }) => {
    await fresh(page);
    await openPanel(page, 'tools');
    await page.getByRole('button', { name: 'get_weather', exact: true }).click();
    await page.fill('#function-script', '');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.selectOption('#panel-tools select', 'get_weather');
    await closePanel(page);
    const first = answerNext(page, [call('get_weather', { city: 'Oslo' }), call('add', { a: 1, b: 2 }, 1)], 'tool_calls');
    await say(page, 'How is the weather in Oslo?');
    equal((await first).tool_choice, { type: 'function', function: { name: 'get_weather' } }, 'the choice');
    await page.waitForFunction(() => document.querySelectorAll('.call form').length === 1);
    const second = answerNext(page, [{ content: 'Snow.' }]);
    await page.fill('.call textarea', '{"sky":"snow"}');
    await page.getByRole('button', { name: 'Give result' }).click();
    equal((await second).messages.slice(2).map((one) => [one.tool_call_id, one.content]), [['call_get_weather', '{"sky":"snow"}'], ['call_add', '3']], 'the results');
    await page.getByText('Snow.').waitFor();
    await settled(page);
    await openPanel(page, 'tools');
    await page.selectOption('#panel-tools select', 'auto');
    await page.getByRole('button', { name: 'Remove get_weather' }).click();
    await closePanel(page);
  },

  'lets a script reach nothing': async ({ page }) => {
    const results = await page.evaluate(async () => {
      const { run } = await import('./tools/sandbox.js');
      const tries = {
        own: 'return (await fetch(args.base + "v1/models")).status;',
        other: 'return (await fetch("https://example.com/")).status;',
        load: 'importScripts(args.base + "tools/sandbox.js"); return "loaded";',
        module: 'return Object.keys(await import(args.base + "tools/sandbox.js"));',
        socket: 'const socket = new WebSocket("wss://example.com/"); return new Promise((yes, no) => { socket.onopen = () => yes("open"); socket.onerror = () => no(new Error("shut")); });',
        store: 'return await new Promise((yes, no) => { const o = indexedDB.open("gemmavk"); o.onsuccess = () => yes("open"); o.onerror = () => no(o.error); });',
        page: 'return document.title;',
        endless: 'for (;;) {}',
      };
      const base = location.origin + '/';
      const all = Object.entries(tries).map(async ([name, script]) => [name, await run(script, JSON.stringify({ base }), 1500)]);
      return { ...Object.fromEntries(await Promise.all(all)), works: await run('return { sum: args.a + 1 };', '{"a":1}') };
    });
    const { works, ...refused } = results;
    equal(works, '{"sum":2}', 'a script that is allowed');
    equal(Object.entries(refused).filter(([, result]) => !result.startsWith('{"error":')), [], 'what a script reached');
  },

  'asks before the server runs a tool': async ({ page, shot }) => {
    const standing = { look: 'ask', count: 'ask' };
    const calls = [];
    const json = (route, body) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) });
    const tool = (name) => ({ name, origin: 'cellar', description: `Does ${name}.`, parameters: { type: 'object', properties: {} }, standing: standing[name] });
    await page.route('**/gemmavk/tools', (route) => json(route, { tools: Object.keys(standing).map(tool) }));
    await page.route('**/gemmavk/tools/consent', (route) => {
      const { name, consent } = route.request().postDataJSON();
      standing[name] = consent;
      return json(route, { standing: consent });
    });
    await page.route('**/gemmavk/tools/call', (route) => {
      calls.push(route.request().postDataJSON());
      return json(route, { is_error: false, content: [{ type: 'text', text: 'eight bottles' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' } }] });
    });
    await fresh(page);
    const first = answerNext(page, [call('look', {}), call('count', { n: 1 }, 1)], 'tool_calls');
    await say(page, 'What is in the cellar?');
    equal((await first).tools.slice(-2).map((one) => [one.function.name, one.function.strict]), [['look', true], ['count', true]], 'the tools');
    const second = answerNext(page, [{ content: 'Eight.' }]);
    await page.getByText('May the model call look?').waitFor();
    equal(await judged(page), [], 'axe, question');
    await shot('consent');
    await page.getByRole('button', { name: 'Once' }).click();
    await page.getByText('May the model call count?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Never' }).click();
    const { messages } = await second;
    equal(calls, [{ name: 'look', arguments: {}, consent: 'once' }], 'what was called');
    equal([messages.at(-2).content[0].text, messages.at(-1).content], ['eight bottles', '{"error":"The user does not allow count; it was not called."}'], 'the results');
    await page.getByText('Eight.').waitFor();
    await settled(page);
    await openPanel(page, 'tools');
    await page.getByText('Tools of the server').waitFor();
    equal(await page.getByLabel('May the model call count?').inputValue(), 'never', 'what holds');
    equal(await judged(page), [], 'axe, served tools');
    await shot('served');
    await closePanel(page);
    for (const path of ['', '/consent', '/call']) {
      await page.unroute(`**/gemmavk/tools${path}`);
    }
  },

  'answers by a schema': async ({ page, shot }) => {
    await fresh(page);
    await openPanel(page, 'tools');
    await page.locator('.functions input').first().uncheck();
    await page.fill('#schema', '{ "type": "object" ');
    await page.getByText('This is no JSON').waitFor();
    await page.getByRole('button', { name: 'Verdict' }).click();
    holds((await page.inputValue('#schema')).includes('unclear'), 'the example of a verdict');
    await page.fill('#schema', JSON.stringify({ type: 'object', properties: { verdict: { enum: ['yes', 'no'] }, sure: { type: 'boolean' } }, required: ['verdict', 'sure'], additionalProperties: false }));
    await page.check('#schema-on');
    equal(await judged(page), [], 'axe, schema');
    await shot('schema');
    await closePanel(page);
    const asked = page.waitForRequest('**/v1/chat/completions');
    await say(page, 'Is 2 + 2 = 4?');
    const { response_format: format } = (await asked).postDataJSON();
    equal([format.type, format.json_schema.strict, format.json_schema.schema.required], ['json_schema', true, ['verdict', 'sure']], 'the request');
    const answer = JSON.parse(await page.textContent(`${last} .code pre`));
    equal(Object.keys(answer), ['verdict', 'sure'], 'the answer');
    await openPanel(page, 'tools');
    await page.uncheck('#schema-on');
    await closePanel(page);
  },
};
