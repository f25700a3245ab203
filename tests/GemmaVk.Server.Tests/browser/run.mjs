// Runs the checks of the page in one Chromium, at the width of a desk and of a phone. Arguments: the server's address, the folder of
// example media, a folder for screenshots or "-", and words of which one must be in a check's name to run it. Prints one line per check.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { open } from './browser.mjs';
import { checks as chat } from './chat.mjs';
import { checks as kept } from './kept.mjs';
import { checks as routes } from './routes.mjs';
import { checks as senses } from './senses.mjs';
import { checks as tools } from './tools.mjs';

const [base, examples, shots, ...words] = process.argv.slice(2);
const screens = [
  { name: 'desk', width: 1280, height: 800, scheme: 'light' },
  { name: 'phone', width: 390, height: 844, scheme: 'dark' },
];
const onPath = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name)));
const browser = await chromium.launch({
  executablePath: onPath.find(existsSync),
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-audio-capture=${join(examples, 'sound-2.wav')}`],
});

let failed = 0;
for (const screen of screens) {
  const { page, context, faults } = await open(browser, base, screen);
  const shot = async (name) => shots !== '-' && page.screenshot({ path: join(shots, `${name}-${screen.name}.png`) });
  await shot('start');
  for (const [name, check] of Object.entries({ ...chat, ...kept, ...senses, ...tools, ...routes })) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) {
      continue;
    }

    const started = performance.now();
    let problem = null;
    try {
      await check({ page, base, examples, screen, shot, faults });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      problem = wide > 0 ? `the page is ${wide} pixels wider than the screen` : null;
    } catch (error) {
      problem = error.message.split('\n').slice(0, 6).join(' ');
      await shot(`failed-${name.replace(/\W+/g, '-')}`);
      // The next check begins on a page in order.
      await page.goto(base);
    }

    problem ??= faults.length > 0 ? faults.join('; ') : null;
    faults.length = 0;
    failed += problem === null ? 0 : 1;
    console.log(`${problem === null ? 'ok' : 'FAILED'} ${screen.name}: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)${problem === null ? '' : `: ${problem}`}`);
  }

  await context.close();
}

await browser.close();
console.log(`${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
