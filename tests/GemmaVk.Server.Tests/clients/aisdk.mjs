// @ai-sdk/openai-compatible with ai against a server, and over written streams.
import fs from 'node:fs';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import * as ai from 'ai';
import { assert, check } from './check.mjs';

export async function run(address, examples) {
  const model = createOpenAICompatible({ name: 'gemmavk', baseURL: `${address}v1`, includeUsage: true, supportsStructuredOutputs: true })('pebble');
  const base = { model, temperature: 0, maxOutputTokens: 64, maxRetries: 0 };

  await check('ai: chat', async () => {
    const answer = await generateText({ ...base, prompt: 'What are you?' });
    assert.equal(answer.text, 'I am Pebble, a tiny model with the shape of Gemma 4 12B.');
  });
  await check('ai: stream', async () => {
    const answer = streamText({ ...base, prompt: 'Count from one to three.', onError: ({ error }) => { throw error; } });
    let text = '';
    for await (const part of answer.textStream) text += part;
    assert.equal(text, 'one two three.');
    assert.equal(await answer.finishReason, 'stop');
    assert.equal((await answer.usage).outputTokens, 5);
  });
  await check('ai: tools there and back', async () => {
    const things = [];
    const answer = streamText({
      ...base, prompt: 'Turn on the map.', stopWhen: stepCountIs(2),
      tools: { turn_on: tool({ description: 'Turn on a thing.', inputSchema: jsonSchema({ type: 'object', properties: { thing: { type: 'string', description: 'The thing.' } }, required: ['thing'] }), execute: async ({ thing }) => { things.push(thing); return 'ok'; } }) },
    });
    await answer.consumeStream();
    assert.deepEqual(things, ['map']);
    assert.equal((await answer.steps).length, 2);
  });
  await check('ai: schema', async () => {
    const schema = jsonSchema({ type: 'object', properties: { kind: { type: 'string', enum: ['stone', 'map'] } }, required: ['kind'], additionalProperties: false });
    const answer = await generateText({ ...base, prompt: 'What are you?', output: ai.Output.object({ schema }) });
    assert.ok(['stone', 'map'].includes(JSON.parse(answer.text).kind));
  });
  await check('ai: picture and sound', async () => {
    const picture = await generateText({ ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'What is in this picture?' }, { type: 'file', mediaType: 'image/png', data: fs.readFileSync(`${examples}/picture-0.png`) }] }] });
    assert.equal(picture.text, 'I see a black square and an orange square.');
    const sound = await generateText({ ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'Transcribe the audio.' }, { type: 'file', mediaType: 'audio/wav', data: fs.readFileSync(`${examples}/sound-2.wav`) }] }] });
    assert.equal(sound.text, 'four seven.');
  });
  await check('ai: thinking', async () => {
    const answer = await generateText({ ...base, maxOutputTokens: 128, prompt: 'What is 47 + 85?', providerOptions: { gemmavk: { reasoningEffort: 'low' } } });
    assert.equal(answer.text, '132');
    assert.match(answer.reasoningText, /write 2, carry 1/);
  });
  await check('ai: errors', async () => {
    const other = createOpenAICompatible({ name: 'gemmavk', baseURL: `${address}v1` })('other');
    await assert.rejects(generateText({ model: other, prompt: 'Hi', maxRetries: 0 }), error => error.statusCode === 404 && /served/.test(error.message));
  });
}

/** Reads written streams: every chunk passes the package's own schema. */
// A call whose pieces were given and that was then cut off stays begun in a client, which the whole has not: that one file is left out.
export async function replay(folder) {
  for (const file of fs.readdirSync(folder).filter(name => name.endsWith('.sse') && name !== 'call-in-pieces-cut.sse')) {
    await check(`ai reads ${file}`, async () => {
      const bytes = fs.readFileSync(`${folder}/${file}`);
      const model = createOpenAICompatible({ name: 'x', baseURL: 'http://localhost/v1', fetch: async () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } }) })('x');
      const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
      const parts = [];
      for await (const part of stream) parts.push(part);
      const body = `${folder}/${file.replace('.sse', '.json')}`;
      const errors = parts.filter(part => part.type === 'error');
      if (!fs.existsSync(body)) {
        assert.equal(errors.length, 1);
        return;
      }
      assert.deepEqual(errors, []);
      const written = JSON.parse(fs.readFileSync(body));
      if (written.choices.length === 1) {
        assert.equal(parts.filter(part => part.type === 'text-delta').map(part => part.delta).join(''), written.choices[0].message.content ?? '');
        assert.equal(parts.filter(part => part.type === 'tool-call').length, written.choices[0].message.tool_calls?.length ?? 0);
      }
    });
  }
}
