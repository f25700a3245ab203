// node run.mjs ADDRESS EXAMPLES GOLDEN: every package against a running server, and over the written streams.
import * as aisdk from './aisdk.mjs';
import * as anthropic from './anthropic.mjs';
import { finish } from './check.mjs';
import * as openai from './openai.mjs';

const [address, examples, golden] = process.argv.slice(2);
await openai.run(address, examples);
await anthropic.run(address, examples);
await aisdk.run(address, examples);
await openai.replay(`${golden}/chat`);
await aisdk.replay(`${golden}/chat`);
finish();
