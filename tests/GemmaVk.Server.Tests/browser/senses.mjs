// Checks of what the page sees and hears: files in three ways, the microphone, dictation. The microphone plays a file of spoken digits.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { equal, holds, judged, say } from './browser.mjs';
import { fresh } from './chat.mjs';

const last = '.message.assistant:last-child';

// The last chunk of an answer from two files.
const CITED = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Three. Twelve. Again. Notes. Own.' }, finish_reason: null }] })}\n\n`
  + `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', citations: [
    { start: 7, end: 14, own: false, file: 'manual.pdf', page: 12, text: 'Twelve.' }, { start: 0, end: 6, own: false, file: 'manual.pdf', page: 3, text: 'Three.' },
    { start: 15, end: 21, own: false, file: 'manual.pdf', page: 3, text: 'Three.' }, { start: 22, end: 28, own: false, file: 'notes.md', page: null, text: 'Notes.' },
    { start: 29, end: 33, own: true }] }] })}\n\ndata: [DONE]\n\n`;

export const checks = {
  'takes a picture that is dropped, shows its grid, asks about it': async ({ page, examples, shot }) => {
    await fresh(page);
    await give(page, '#chat', 'drop', join(examples, 'picture-0.png'), 'image/png');
    await page.getByText(/^\d+ tokens$/).waitFor();
    await page.locator('.chip').getByRole('button', { name: /What the model sees/ }).click();
    await page.waitForFunction(() => document.querySelector('.picture canvas')?.width > 300);
    holds(/\d+ tokens: \d+ x \d+ patches of a picture of 384 x 384 pixels/.test(await page.textContent('dialog')), await page.textContent('dialog'));
    equal(await judged(page), [], 'axe, picture');
    await shot('picture');
    await Promise.all([page.waitForResponse((response) => response.url().endsWith('gemmavk/media?max_soft_tokens=70') && response.ok()), page.selectOption('dialog select[name=max_soft_tokens]', '70')]);
    await page.waitForFunction(() => document.querySelectorAll('dialog .picture canvas').length === 1);
    await page.keyboard.press('Escape');
    await page.getByText(/^\d+ tokens$/).waitFor();
    const asked = page.waitForRequest('**/v1/chat/completions');
    await say(page, 'What is in this picture?');
    equal((await asked).postDataJSON().messages.at(-1).content[0].image_url.max_soft_tokens, 70, 'the budget in the request');
    holds(/square/.test(await page.textContent(`${last} .body`)), `the picture of squares: ${await page.textContent(last)}`);
    equal(await page.locator('.message.user .thumb img').count(), 1, 'the picture in the thread');
  },

  'takes a document that is dropped': async ({ page, examples }) => {
    await fresh(page);
    await give(page, '#chat', 'drop', join(examples, '..', '..', 'LICENSE'), 'text/plain');
    await page.locator('.chip .kind').getByText('Document').waitFor();
    const asked = page.waitForRequest('**/v1/chat/completions');
    await say(page, 'What is the capital of Japan?');
    const [file, words] = (await asked).postDataJSON().messages.at(-1).content;
    equal([file.type, file.file.filename, words.type], ['file', 'LICENSE', 'text'], 'the file in front of the words');
    equal(await page.locator('.message.user .thumb.file a').textContent(), 'LICENSE', 'the file in the thread');
    equal(await page.locator(`${last} .sources`).textContent(), 'No sentence is from the documents', 'an answer of the model\'s own');
    await fresh(page);
    await page.setInputFiles('#files', { name: 'capitals.txt', mimeType: 'text/plain', buffer: Buffer.from('The capital of Japan is Tokyo.') });
    await page.locator('.chip', { hasText: 'capitals.txt' }).waitFor();
    // The small model is held to the words of the file: whether it finds them is not what is asked here.
    await page.route('**/v1/chat/completions', (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), guided_regex: 'The capital of Japan is Tokyo[.]' }) }));
    await say(page, 'Which city is it?');
    await page.unroute('**/v1/chat/completions');
    equal(await page.locator(`${last} .sources`).textContent(), 'From capitals.txt', `the source below ${await page.textContent(`${last} .body`)}`);
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ contentType: 'text/event-stream', body: CITED }));
    await say(page, 'And now?');
    await page.unroute('**/v1/chat/completions');
    equal(await page.locator(`${last} .sources`).textContent(), 'From manual.pdf, p. 3, 12 · notes.md', 'files and pages, each once');
    equal(await judged(page), [], 'axe, sources');
  },

  'takes a sound that is pasted and a clip that is picked': async ({ page, examples, faults, shot }) => {
    await fresh(page);
    await give(page, '#words', 'paste', join(examples, 'sound-2.wav'), 'audio/wav');
    await page.getByText(/^\d+ tokens$/).waitFor();
    await page.locator('.chip').getByRole('button', { name: /What the model sees/ }).click();
    holds(/\d+ tokens for \d+\.\d s of sound/.test(await page.textContent('dialog')), await page.textContent('dialog'));
    await page.keyboard.press('Escape');
    await page.setInputFiles('#files', join(examples, 'clip-0.mkv'));
    await page.waitForFunction(() => [...document.querySelectorAll('.chip .hint')].filter((one) => /tokens/.test(one.textContent)).length === 2);
    await page.locator('.chip').nth(1).getByRole('button', { name: /What the model sees/ }).click();
    holds(/\d+ tokens: [1-9]\d* frames of \d+ x \d+ patches each/.test(await page.textContent('dialog')), await page.textContent('dialog'));
    await page.waitForSelector('.frames li');
    await page.selectOption('dialog select[name=num_frames]', '2');
    await page.waitForFunction(() => /tokens: 2 frames of/.test(document.querySelector('dialog').textContent) && document.querySelectorAll('.frames li').length === 2);
    equal(await judged(page), [], 'axe, how much of a clip');
    await shot('clip');
    await page.keyboard.press('Escape');
    await page.setInputFiles('#files', { name: 'things.xyz', mimeType: 'application/octet-stream', buffer: Buffer.from('x') });
    await page.getByText('things.xyz is no picture, sound, clip or document.').waitFor();
    await page.setInputFiles('#files', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('A stone.') });
    await page.locator('.chip', { hasText: 'notes.txt' }).waitFor();
    await page.setInputFiles('#files', { name: 'lies.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.waitForSelector('.chip .problem');
    // Chromium itself writes a line for each answer that is no success.
    equal(faults.splice(0).filter((fault) => !/status of 4\d\d.*gemmavk\/media/.test(fault)), [], 'faults');
    while (await page.locator('.chip').count() > 0) {
      await page.locator('.chip').first().getByRole('button', { name: /^Remove/ }).click();
    }
  },

  'records from the microphone': async ({ page }) => {
    await fresh(page);
    await page.click('#microphone');
    await page.waitForFunction(() => /^[1-9].* s$/.test(document.getElementById('recorded').textContent));
    await page.click('#microphone');
    await page.getByText(/^\d+ tokens$/).waitFor();
    const bytes = await page.evaluate(async () => {
      const sound = document.querySelector('.chip-text strong').textContent;
      return sound.startsWith('Recording') && sound.endsWith('.wav');
    });
    holds(bytes, 'the chip is no recording');
    await page.locator('.chip').getByRole('button', { name: /^Remove/ }).click();
  },

  'takes dictation, edits by instruction, undoes, copies': async ({ page, shot }) => {
    await page.click('#room-dictate');
    await page.click('#speak');
    await page.waitForFunction(() => (document.getElementById('growing').textContent + document.getElementById('dictated').value).trim().length > 2, undefined, { timeout: 60000 });
    await shot('dictate');
    await page.click('#speak');
    await page.waitForFunction(() => !document.getElementById('dictated').readOnly && document.getElementById('dictated').value.trim().length > 2, undefined, { timeout: 60000 });
    holds(/^[1-9]\d* words · [1-9]\d* words a minute/.test(await page.textContent('#dictate-count')), await page.textContent('#dictate-count'));
    equal(await judged(page), [], 'axe, dictate');
    await page.fill('#own-words', 'Kraus');
    await page.press('#own-words', 'Tab');
    await page.fill('#dictated', 'What is 47 + 85?');
    let asked = page.waitForRequest('**/v1/chat/completions');
    await page.getByRole('button', { name: 'Formal' }).click();
    const { messages } = (await asked).postDataJSON();
    holds(messages[0].content.endsWith(' spelled so: Kraus.'), 'own words do not go with an edit');
    equal(messages[1], { role: 'user', content: 'Make it formal.\n\nWhat is 47 + 85?' }, 'the instruction');
    await page.waitForFunction(() => !document.getElementById('dictated').readOnly);
    const changed = await page.inputValue('#dictated');
    holds(changed !== '' && changed !== 'What is 47 + 85?', `after the edit: ${changed}`);
    await page.click('#dictate-undo');
    equal(await page.inputValue('#dictated'), 'What is 47 + 85?', 'after undo');
    asked = page.waitForRequest('**/v1/chat/completions');
    await page.fill('#edit-words', 'in German');
    await page.press('#edit-words', 'Enter');
    holds((await asked).postDataJSON().messages[1].content.startsWith('in German\n'), 'an instruction in own words');
    await page.waitForFunction(() => !document.getElementById('dictated').readOnly);
    await page.getByRole('button', { name: 'Copy text' }).click();
    equal(await page.evaluate(() => navigator.clipboard.readText()), await page.inputValue('#dictated'), 'the clipboard');
    await page.click('#room-chat');
  },
};

// A file as a drop or a paste brings it.
async function give(page, selector, event, path, type) {
  const data = (await readFile(path)).toString('base64');
  await page.evaluate(([target, kind, name, mime, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type: mime }));
    const options = { bubbles: true, cancelable: true };
    const node = document.querySelector(target);
    if (kind === 'paste') {
      node.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: transfer }));
    } else {
      node.dispatchEvent(new DragEvent('dragenter', { ...options, dataTransfer: transfer }));
      if (document.getElementById('drop').hidden) {
        throw new Error('nothing says that files may be dropped');
      }

      node.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: transfer }));
    }
  }, [selector, event, basename(path), type, data]);
}
