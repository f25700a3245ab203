// Media and documents that go with a message: { kind, name, blob, wish?, seen? }. `wish` is how much the model is to get of it, `seen` what the
// server says it sees of it.

import { element, iconButton } from '../page/dom.js';
import { request } from '../wire/server.js';
import { text } from '../page/texts.js';
import { ask } from '../page/dialog.js';
import { drawSeen, seenText } from './seen.js';
import { wishFields } from './wish.js';

const KINDS = ['image', 'audio', 'video'];
const DOCUMENTS = ['pdf', 'docx', 'odt', 'epub', 'html', 'htm', 'md', 'txt', 'csv', 'tsv', 'json', 'xml', 'log', 'rst', 'tex', 'py', 'js', 'ts', 'cs', 'c', 'h', 'cpp', 'java', 'go', 'rs', 'sh', 'sql', 'yml', 'yaml', 'toml', 'ini'];
const BY_ENDING = { mkv: 'video', mp4: 'video', avi: 'video', mov: 'video', webm: 'video', wav: 'audio', mp3: 'audio', flac: 'audio', ogg: 'audio', m4a: 'audio', heic: 'image', png: 'image', jpg: 'image', jpeg: 'image' };

/** An attachment of a file, or null where it is none of picture, sound, clip and document. */
export function attachment(file) {
  const byType = file.type.split('/')[0];
  const ending = /\.(\w+)$/.exec(file.name)?.[1].toLowerCase();
  const isText = byType === 'text' || DOCUMENTS.includes(ending);
  const kind = KINDS.includes(byType) && !DOCUMENTS.includes(ending) ? byType : BY_ENDING[ending] ?? (isText ? 'document' : undefined);
  return kind === undefined ? null : { kind, name: file.name, blob: file };
}

/** Asks the server what the model sees of an attachment, and keeps the answer with it. */
export async function look(part) {
  if (part.kind === 'document') {
    return;
  }

  const wish = new URLSearchParams(part.wish).toString();
  const response = await request(`gemmavk/media${wish && `?${wish}`}`, { method: 'POST', headers: { 'Content-Type': part.blob.type || 'application/octet-stream' }, body: part.blob });
  const { tokens, grid, stamps, seconds, note, most_tokens: most } = await response.json();
  part.seen = { tokens, most, ...grid, seconds, note, frames: part.kind === 'video' ? stamps : [] };
}

// One address per blob for as long as the page lives; the browser frees them with it.
const addresses = new WeakMap();

export function address(part) {
  if (!addresses.has(part.blob)) {
    addresses.set(part.blob, URL.createObjectURL(part.blob));
  }

  return addresses.get(part.blob);
}

/** A small view of an attachment that opens what the model sees of it. */
export function thumbnail(part) {
  if (part.kind === 'document') {
    return element('div.thumb.file', {}, element('a', { href: address(part), download: part.name }, part.name));
  }

  if (part.kind === 'audio') {
    return element('div.thumb.sound', {}, element('audio', { controls: true, src: address(part), 'aria-label': part.name }), seenButton(part));
  }

  const picture = part.kind === 'image'
    ? element('img', { src: address(part), alt: part.name })
    : element('video', { src: address(part), muted: true, playsinline: true, controls: true, preload: 'metadata', 'aria-label': part.name });
  return element('div.thumb', {}, picture, seenButton(part));
}

/** An attachment of the message being written: what it is, how many tokens it takes, a cross. */
export function chip(part, remove, changed) {
  const state = part.problem ? element('span.problem', {}, part.problem)
    : part.kind === 'document' ? element('span.hint', {}, text('document'))
    : element('span.hint', {}, part.seen ? text('tokens', part.seen.tokens) : text('looking'));
  const view = part.kind === 'image' ? element('img', { src: address(part), alt: '' }) : element('span.kind', {}, text(part.kind));
  return element('li.chip', {}, view, element('span.chip-text', {}, element('strong', {}, part.name), state), part.seen && seenButton(part, changed),
    iconButton('close', text('removeFile', part.name), remove));
}

// `changed` is called where how much the model gets may still be chosen, and was.
function seenButton(part, changed = null) {
  return iconButton('eye', text('whatModelSees', part.name), async () => {
    if (!part.seen) {
      try {
        await look(part);
      } catch (error) {
        await ask(part.name, element('p.problem', {}, error.message), [['', text('close')]]);
        return;
      }
    }

    const stage = element('div.seen', {});
    const said = element('p', { 'aria-live': 'polite' }, seenText(part));
    const wishes = changed === null ? [] : wishFields(part, async () => {
      try {
        await look(part);
        said.textContent = seenText(part);
        stage.replaceChildren();
        drawSeen(part, address(part), stage);
      } catch (error) {
        said.textContent = error.message;
      }

      changed();
    });
    const shown = ask(text('whatModelSees', part.name), element('div', {}, stage, said, wishes), [['', text('close')]]);
    drawSeen(part, address(part), stage);
    await shown;
  });
}
