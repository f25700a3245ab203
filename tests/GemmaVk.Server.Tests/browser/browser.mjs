// A tab of Chromium with what every check watches: errors of the console, requests that leave the server, the width of a phone.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Opens a tab; `faults` gathers what must not happen. */
export async function open(browser, base, screen) {
  const context = await browser.newContext({
    viewport: { width: screen.width, height: screen.height }, colorScheme: screen.scheme, hasTouch: screen.width < 600, locale: 'en-US', reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write', 'microphone'], acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(`console: ${message.text()} (${message.location().url})`));
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) {
      faults.push(`left the server: ${request.url()}`);
    }
  });
  // Answers that a check gives in place of the server come and go: what watches for them stays, because a request that leaves while Chromium
  // turns that on or off goes to the server, or nowhere.
  await page.route('**/answered-by-no-check', (route) => route.abort());
  await page.goto(base);
  await page.waitForFunction(() => document.getElementById('model').textContent !== '');
  return { page, context, faults };
}

/** Findings of axe for WCAG 2.2 AA, as lines. */
export async function judged(page) {
  // The policy of the page lets no script in; the debugger's door is not the page's.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any.map((one) => one.message).join(' ')}`).slice(0, 3).join(' | ')}`);
}

/** Answers the next request for a completion with these deltas instead of the server; resolves to what the page asked. */
export function answerNext(page, deltas, finish = 'stop') {
  return new Promise((resolve) => {
    page.route('**/v1/chat/completions', (route) => {
      const chunk = (choice) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'corpus', choices: choice ? [choice] : [] })}\n\n`;
      resolve(route.request().postDataJSON());
      return route.fulfill({
        contentType: 'text/event-stream',
        body: deltas.map((delta) => chunk({ index: 0, delta, finish_reason: null })).join('') + chunk({ index: 0, delta: {}, finish_reason: finish }) + 'data: [DONE]\n\n',
      });
    }, { times: 1 });
  });
}

/** Says something and waits until the answer is written. */
export async function say(page, words) {
  await page.fill('#words', words);
  await answered(page, () => page.press('#words', 'Enter'));
}

/** Does what leads to an answer, and waits until that is written. */
export async function answered(page, action) {
  await Promise.all([page.waitForRequest('**/v1/chat/completions'), action()]);
  await settled(page);
}

/** Waits until nothing is being written. */
export function settled(page) {
  return page.waitForFunction(() => document.querySelector('#send').title === 'Send' && document.querySelector('#messages > :last-child')?.matches('.assistant:not(.writing)'), undefined, { timeout: 60000 });
}

export function equal(actual, expected, what) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
  }
}

export function holds(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}
