// Names each check, and counts those that fail.
import assert from 'node:assert/strict';

let failed = 0;

/** Runs one check, and says how it went. */
export async function check(name, body) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error.stack ?? error}`.replaceAll('\n', ' | '));
  }
}

/** Ends the program. */
export const finish = () => process.exit(failed === 0 ? 0 : 1);

export { assert };
