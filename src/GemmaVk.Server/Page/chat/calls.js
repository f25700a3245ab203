// A call of a function, its arguments, and a place to answer it by hand.

import { element, icon } from '../page/dom.js';
import { text } from '../page/texts.js';

/** A call as a card; `answer` takes a result where one may still be given, null while the message is being written. */
export function callCard(call, answer) {
  return element('section.call', { 'aria-label': text('callOf', call.name) },
    element('div.call-head', {}, icon('tools'), element('code', {}, call.name), element('span', {}, call.result === undefined ? text('waitsForResult') : call.byServer ? text('byServer', call.byServer) : call.byScript ? text('byScript') : text('byHand'))),
    element('pre', {}, pretty(call.arguments)),
    call.result !== undefined ? [element('div.call-label', {}, text('result')), contents(call.result)] : answer && resultForm(answer));
}

// A result is text, or parts with pictures and sounds among them.
function contents(result) {
  return typeof result === 'string' ? element('pre', {}, pretty(result)) : result.map((part) => part.type === 'image_url' ? element('img', { src: part.image_url.url, alt: text('image') })
    : part.type === 'input_audio' ? element('audio', { controls: true, src: address(part.input_audio) })
      : element('pre', {}, part.text));
}

// The page plays blobs alone.
function address({ data, format }) {
  return URL.createObjectURL(new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type: `audio/${format}` }));
}

function resultForm(answer) {
  const area = element('textarea', { 'aria-label': text('resultOfCall'), placeholder: text('resultHint'), rows: '2' });
  return element('form', {
    onsubmit: (event) => {
      event.preventDefault();
      answer(area.value);
    },
  }, area, element('button.primary', { type: 'submit' }, text('giveResult')));
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
