// One answer over /v1/chat/completions, gathered from its chunks.

import { ask } from '../page/dialog.js';
import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { events } from './events.js';
import { post } from './server.js';

/**
 * Streams an answer into `message` (text, thinking, calls, tokens, finish, usage, timings, figures, citations) and calls `changed` after each chunk.
 * Figures are what this page measured: when the first token came, in milliseconds, and when each later one did.
 */
export async function complete(body, message, changed, signal) {
  const started = performance.now();
  const figures = { first: null, last: null, chunks: [] };
  message.figures = figures;
  const response = await asked({ ...body, stream: true, stream_options: { include_usage: true } }, signal);
  message.route = response.headers.get('x-gemmavk-route');
  for await (const chunk of events(response)) {
    const choice = chunk.choices[0];
    if (choice !== undefined) {
      take(choice, message);
    }

    const tokens = chunk.tokens ?? choice?.tokens ?? [];
    if (tokens.length > 0) {
      (message.tokens ??= []).push(...tokens);
    }

    const delta = choice?.delta ?? {};
    if (delta.content || delta.reasoning_content || delta.tool_calls) {
      const now = performance.now() - started;
      if (figures.first === null) {
        figures.first = now;
      }

      if (!delta.reasoning_content && message.thinking && message.thought === undefined) {
        message.thought = now;
      }

      figures.last = now;
      figures.chunks.push([now, tokens.length || 1]);
    }

    if (chunk.usage) {
      message.usage = chunk.usage;
    }

    if (chunk.timings) {
      message.timings = chunk.timings;
    }

    message.model = chunk.model ?? message.model;
    changed(message);
  }

  // A thousand times of arrival say nothing that the totals do not.
  delete figures.chunks;
}

// Where an endpoint elsewhere is to answer, the user sees what would leave, and says whether it may.
async function asked(body, signal) {
  try {
    return await post('v1/chat/completions', body, signal);
  } catch (error) {
    if (error.outgoing === undefined) {
      throw error;
    }

    const { endpoint, host, why, sha256, body: bytes } = error.outgoing;
    const said = await ask(text('maySend', endpoint, host), element('div', {}, element('p', {}, why), element('pre', {}, bytes)), [['', text('answerHere')], ['yes', text('sendIt'), 'primary']]);
    return post('v1/chat/completions', { ...body, route_consent: said === 'yes' ? sha256 : 'local' }, signal);
  }
}

function take(choice, message) {
  const delta = choice.delta ?? {};
  message.thinking = (message.thinking ?? '') + (delta.reasoning_content ?? '');
  message.text = (message.text ?? '') + (delta.content ?? '');
  for (const call of delta.tool_calls ?? []) {
    const calls = (message.calls ??= []);
    const known = (calls[call.index] ??= { id: '', name: '', arguments: '' });
    known.id = call.id ?? known.id;
    known.name = call.function?.name ?? known.name;
    known.arguments += call.function?.arguments ?? '';
  }

  message.finish = choice.finish_reason ?? message.finish;
  message.citations = choice.citations ?? message.citations;
}
