// The @anthropic-ai/sdk package against a server: messages, stream, tools, thinking, picture, counting, errors.
import fs from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import { assert, check } from './check.mjs';

export async function run(address, examples) {
  const client = new Anthropic({ baseURL: address.replace(/\/$/, ''), apiKey: 'none', maxRetries: 0 });
  const said = content => [{ role: 'user', content }];
  const base = { model: 'pebble', temperature: 0, max_tokens: 64 };
  const tools = [{ name: 'turn_on', description: 'Turn on a thing.', input_schema: { type: 'object', properties: { thing: { type: 'string', description: 'The thing.' } }, required: ['thing'] } }];

  await check('anthropic: messages', async () => {
    const answer = await client.messages.create({ ...base, messages: said('What are you?') });
    assert.equal(answer.content[0].text, 'I am Pebble, a tiny model with the shape of Gemma 4 12B.');
    assert.equal(answer.stop_reason, 'end_turn');
  });
  await check('anthropic: stream', async () => {
    const stream = client.messages.stream({ ...base, messages: said('Count from one to three.') });
    let text = '';
    stream.on('text', delta => { text += delta; });
    const whole = await stream.finalMessage();
    assert.equal(text, 'one two three.');
    assert.equal(whole.content[0].text, text);
    assert.equal(whole.usage.output_tokens, 5);
  });
  await check('anthropic: tools there and back', async () => {
    const first = await client.messages.stream({ ...base, tools, messages: said('Turn on the map.') }).finalMessage();
    assert.equal(first.stop_reason, 'tool_use');
    const call = first.content.find(block => block.type === 'tool_use');
    assert.deepEqual([call.name, call.input], ['turn_on', { thing: 'map' }]);
    const second = await client.messages.create({
      ...base, tools, messages: [...said('Turn on the map.'), { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'ok' }] }],
    });
    assert.ok(second.content.some(block => block.type === 'text'));
  });
  await check('anthropic: thinking', async () => {
    const answer = await client.messages.stream({ ...base, max_tokens: 1100, thinking: { type: 'enabled', budget_tokens: 1024 }, messages: said('What is 47 + 85?') }).finalMessage();
    assert.deepEqual(answer.content.map(block => block.type), ['thinking', 'text']);
    assert.equal(answer.content[1].text, '132');
  });
  await check('anthropic: schema', async () => {
    const answer = await client.messages.create({
      ...base, max_tokens: 200, messages: said('What are you?'),
      output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: { kind: { enum: ['stone', 'map'] } }, required: ['kind'], additionalProperties: false } } },
    });
    assert.ok(['stone', 'map'].includes(JSON.parse(answer.content[0].text).kind));
  });
  await check('anthropic: picture', async () => {
    const data = fs.readFileSync(`${examples}/picture-0.png`).toString('base64');
    const answer = await client.messages.create({ ...base, messages: said([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }, { type: 'text', text: 'What is in this picture?' }]) });
    assert.equal(answer.content[0].text, 'I see a black square and an orange square.');
  });
  await check('anthropic: count', async () => {
    const count = await client.messages.countTokens({ model: 'claude-x', messages: said('What are you?') });
    assert.equal(count.input_tokens, 23);
  });
  await check('anthropic: errors', async () => {
    await assert.rejects(client.messages.create({ model: 'pebble', max_tokens: 5, messages: [] }), error => error.status === 400 && error.error.error.type === 'invalid_request_error');
    await assert.rejects(client.messages.create({ model: 'other', max_tokens: 5, messages: said('Hi') }), error => error.status === 404 && error.error.type === 'error');
  });
}
