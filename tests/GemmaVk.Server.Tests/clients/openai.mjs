// The openai package against a server: chat, stream, tools, schema, picture, sound, errors, responses, transcription, completions.
import fs from 'node:fs';
import OpenAI, { toFile } from 'openai';
import { assert, check } from './check.mjs';

export async function run(address, examples) {
  const client = new OpenAI({ baseURL: `${address}v1`, apiKey: 'none', maxRetries: 0 });
  const said = text => [{ role: 'user', content: text }];
  const tools = [{ type: 'function', function: { name: 'turn_on', description: 'Turn on a thing.', parameters: { type: 'object', properties: { thing: { type: 'string', description: 'The thing.' } }, required: ['thing'] } } }];
  const base = { model: 'pebble', temperature: 0, max_tokens: 64 };
  const picture = `data:image/png;base64,${fs.readFileSync(`${examples}/picture-0.png`).toString('base64')}`;

  await check('openai: chat', async () => {
    const answer = await client.chat.completions.create({ ...base, messages: said('What are you?') });
    assert.equal(answer.choices[0].message.content, 'I am Pebble, a tiny model with the shape of Gemma 4 12B.');
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  });
  await check('openai: stream', async () => {
    const stream = client.chat.completions.stream({ ...base, messages: said('Count from one to three.'), stream_options: { include_usage: true } });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    const whole = await stream.finalChatCompletion();
    assert.equal(text, 'one two three.');
    assert.equal(whole.choices[0].message.content, text);
    assert.equal(whole.choices[0].finish_reason, 'stop');
    assert.equal(whole.usage.completion_tokens, 5);
  });
  await check('openai: tools there and back', async () => {
    const stream = client.chat.completions.stream({ ...base, messages: said('Turn on the map.'), tools });
    const message = await stream.finalMessage();
    assert.equal(message.tool_calls.length, 1);
    assert.equal(message.tool_calls[0].function.name, 'turn_on');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { thing: 'map' });
    const answer = await client.chat.completions.create({
      ...base, tools, messages: [...said('Turn on the map.'), message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'ok' }],
    });
    assert.ok(answer.choices[0].message.content.length > 0);
  });
  await check('openai: schema', async () => {
    const answer = await client.chat.completions.parse({
      ...base, max_tokens: 200, messages: said('What are you?'),
      response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'object', properties: { kind: { enum: ['stone', 'map'] } }, required: ['kind'], additionalProperties: false } } },
    });
    assert.ok(['stone', 'map'].includes(JSON.parse(answer.choices[0].message.content).kind));
  });
  await check('openai: picture', async () => {
    const answer = await client.chat.completions.create({ ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'What is in this picture?' }, { type: 'image_url', image_url: { url: picture } }] }] });
    assert.equal(answer.choices[0].message.content, 'I see a black square and an orange square.');
  });
  await check('openai: sound', async () => {
    const data = fs.readFileSync(`${examples}/sound-2.wav`).toString('base64');
    const answer = await client.chat.completions.create({ ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'Transcribe the audio.' }, { type: 'input_audio', input_audio: { data, format: 'wav' } }] }] });
    assert.equal(answer.choices[0].message.content, 'four seven.');
  });
  await check('openai: transcription', async () => {
    const file = await toFile(fs.readFileSync(`${examples}/sound-2.wav`), 'sound-2.wav');
    assert.equal((await client.audio.transcriptions.create({ file, model: 'whisper-1' })).text, 'four seven.');
    const stream = await client.audio.transcriptions.create({ file: await toFile(fs.readFileSync(`${examples}/sound-2.wav`), 'a.wav'), model: 'pebble', stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    assert.equal(events.at(-1).type, 'transcript.text.done');
    assert.equal(events.at(-1).text, 'four seven.');
  });
  await check('openai: responses', async () => {
    const answer = await client.responses.create({ model: 'pebble', temperature: 0, input: 'What are you?' });
    assert.equal(answer.output_text, 'I am Pebble, a tiny model with the shape of Gemma 4 12B.');
    const stream = client.responses.stream({ model: 'pebble', temperature: 0, input: 'Count from one to three.' });
    let text = '';
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
    assert.equal(text, 'one two three.');
    assert.equal((await stream.finalResponse()).output_text, text);
  });
  await check('openai: models', async () => {
    const list = await client.models.list();
    assert.equal(list.data[0].id, 'pebble');
  });
  await check('openai: errors', async () => {
    await assert.rejects(client.chat.completions.create({ ...base, n: 1e6, messages: said('Hi') }), error => error.status === 400 && error.param === 'n' && error instanceof OpenAI.BadRequestError);
    await assert.rejects(client.chat.completions.create({ ...base, model: 'other', messages: said('Hi') }), error => error.status === 404 && error.code === 'model_not_found');
  });
}

/** Reads written streams as answers, and holds them against the written bodies. */
// A call whose pieces were given and that was then cut off stays begun in a client, which the whole has not: that one file is left out.
export async function replay(folder) {
  for (const file of fs.readdirSync(folder).filter(name => name.endsWith('.sse') && name !== 'call-in-pieces-cut.sse')) {
    await check(`openai reads ${file}`, async () => {
      const bytes = fs.readFileSync(`${folder}/${file}`);
      const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch: async () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } }) });
      const stream = client.chat.completions.stream({ model: 'x', messages: [] });
      const body = `${folder}/${file.replace('.sse', '.json')}`;
      if (!fs.existsSync(body)) {
        await assert.rejects(stream.finalChatCompletion());
        return;
      }
      const whole = await stream.finalChatCompletion();
      const written = JSON.parse(fs.readFileSync(body));
      for (const [i, choice] of written.choices.entries()) {
        const read = whole.choices.find(each => each.index === i);
        assert.equal(read.message.content ?? '', choice.message.content ?? '');
        assert.equal(read.finish_reason, choice.finish_reason);
        assert.deepEqual((read.message.tool_calls ?? []).map(call => [call.function.name, call.function.arguments]), (choice.message.tool_calls ?? []).map(call => [call.function.name, call.function.arguments]));
      }
    });
  }
}
