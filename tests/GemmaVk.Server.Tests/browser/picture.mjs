// README's picture of the page: a question about a picture, and a look inside the answer. Arguments: the server's address, the folder
// of example media, the file to write.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { answered } from './browser.mjs';

const [base, examples, target] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.PATH.split(delimiter).map((folder) => join(folder, 'chromium')).find(existsSync), args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5, colorScheme: 'light', locale: 'en-US', reducedMotion: 'reduce' });
await page.goto(base);
const greedily = async (words) => {
  await page.fill('#words', words);
  await answered(page, () => page.press('#words', 'Enter'));
};
await page.click('#settings-button');
await page.fill('#sampling-temperature', '0');
await page.getByRole('button', { name: 'Keep for new conversations' }).click();
await page.click('#inside-button');
await page.click('#think');
await greedily('What is 47 + 85?');
await page.click('#new');
await page.click('#think');
await page.setInputFiles('#files', join(examples, 'picture-0.png'));
await page.getByText(/^\d+ tokens$/).waitFor();
await greedily('What is in this picture?');
await page.waitForSelector('.tokens .token');
await page.waitForSelector('.kernels li');
// The token of which the model was least sure has the most to tell.
const at = await page.evaluate(() => new Promise((resolve) => {
  indexedDB.open('gemmavk').onsuccess = (event) => {
    event.target.result.transaction('messages').objectStore('messages').getAll().onsuccess = ({ target: { result } }) => {
      const { tokens } = result.sort((a, b) => a.created - b.created).findLast((message) => message.tokens);
      resolve(tokens.reduce((least, token, i) => (token.logprob < tokens[least].logprob ? i : least), 0));
    };
  };
}));
await page.hover(`.tokens .token >> nth=${at}`);
await page.waitForTimeout(300);
await page.screenshot({ path: target });
await browser.close();
