// Server-sent events of OpenAI's streams: lines "data: JSON", comments between them, "[DONE]" at the end.

import { ServerError } from './server.js';
import { text } from '../page/texts.js';

/** Yields each event's JSON; throws a ServerError for an error event, and where the stream ends before it is done. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      rest += value ?? '';
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = done ? '' : lines.pop();
      for (const line of lines) {
        if (!line.startsWith('data:')) {
          continue;
        }

        const data = line.slice(5).trim();
        if (data.startsWith('[DONE]')) {
          return;
        }

        const event = JSON.parse(data);
        if (event.error) {
          throw new ServerError(event.error.message ?? String(event.error), 500, event.error.param);
        }

        yield event;
      }

      if (done) {
        throw new ServerError(text('streamBroke'), 0);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
