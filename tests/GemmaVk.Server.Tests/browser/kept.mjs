// Checks of what leads out of an answer: another token in one's place, and conversations that the server keeps.

import { equal, holds, judged, say, settled } from './browser.mjs';
import { closePanel, fresh, openPanel, openSidebar } from './chat.mjs';

const last = '.message.assistant:last-child';

export const checks = {
  'goes on from another token in a branch': async ({ page, shot }) => {
    await fresh(page);
    await say(page, 'What are you?');
    await openPanel(page, 'inside');
    await page.waitForSelector('.tokens .token');
    await page.focus('.tokens');
    await page.locator('.tokens .token').nth(-5).click();
    await page.waitForSelector('.alternatives.held button');
    equal(await judged(page), [], 'axe, alternatives');
    await shot('alternatives');
    await page.keyboard.press('Enter');
    equal(await page.evaluate(() => document.activeElement.closest('.alternatives') !== null), true, 'Enter leads to no alternative');
    await page.keyboard.press('Escape');
    equal(await page.locator('.alternatives.held:visible').count(), 0, 'Escape leaves the card');
    await page.locator('.tokens .token').nth(-5).click();
    const asked = page.waitForRequest('**/v1/chat/completions');
    await page.locator('.alternatives button').first().click();
    const body = (await asked).postDataJSON();
    await settled(page);
    const begun = body.messages.at(-1);
    equal([begun.role, body.continue_final_message], ['assistant', true], 'the request');
    await closePanel(page);
    const plain = (said) => said.replace(/\s+/g, ' ').trim();
    holds(plain(await page.textContent(`${last} .body`)).startsWith(plain(begun.content)), `${begun.content} does not begin ${await page.textContent(`${last} .body`)}`);
    equal(await page.textContent(`${last} .branches > span`), '2 / 2', 'no branch');
  },

  'keeps a conversation on the server and takes it back': async ({ page, screen, shot }) => {
    await fresh(page);
    await say(page, 'Count from one to three.');
    const said = await page.textContent(`${last} .body`);
    await openSidebar(page, screen);
    await page.locator('#conversations li.current').getByRole('button', { name: /^Keep .* on the server$/ }).click();
    await page.waitForFunction(() => document.querySelectorAll('#kept li').length === 1);
    equal(await page.textContent('#kept .open'), 'Count from one to three', 'what is kept');
    equal(await judged(page), [], 'axe, kept');
    await shot('kept');
    await page.locator('#conversations li.current').getByRole('button', { name: /^Remove / }).click();
    await page.click('dialog button.danger');
    await page.waitForSelector('#welcome:not([hidden])');
    await openSidebar(page, screen);
    await page.click('#kept .open');
    await page.waitForSelector(`${last} .body`);
    equal(await page.textContent(`${last} .body`), said, 'the answer after it was taken back');
    await openSidebar(page, screen);
    await page.locator('#kept').getByRole('button', { name: /^Remove .* from the server$/ }).click();
    await page.click('dialog button.danger');
    await page.waitForFunction(() => document.querySelectorAll('#kept li').length === 0 && !document.getElementById('no-kept').hidden);
    await page.keyboard.press('Escape');
  },
};
