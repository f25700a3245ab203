// A user's script answers a call. It sees its arguments and nothing else: no page, no storage, no network.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';

const LIMIT = 5000;

/** Runs the body of a function of `args`; resolves to what it returns, as the text a model gets. A script that fails gives its error as JSON. */
export function run(script, given, limit = LIMIT) {
  return new Promise((resolve) => {
    const frame = element('iframe', { sandbox: 'allow-scripts', src: 'tools/sandbox.html', hidden: true, title: text('sandbox') });
    const end = (value) => {
      clearTimeout(clock);
      removeEventListener('message', hear);
      frame.remove();
      resolve(value);
    };
    const hear = (event) => {
      if (event.source !== frame.contentWindow) {
        return;
      }

      if (event.data === 'ready') {
        frame.contentWindow.postMessage({ script, given }, '*');
      } else {
        end(event.data.ok ? event.data.value : JSON.stringify({ error: event.data.value }));
      }
    };
    const clock = setTimeout(() => end(JSON.stringify({ error: text('scriptTooLong', limit / 1000) })), limit);
    addEventListener('message', hear);
    document.body.append(frame);
  });
}
