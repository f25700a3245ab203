// What the server says of itself: memory planned and in use, where the time goes, who waits. Asked for while it is looked at.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { get } from '../wire/server.js';
import { percent, size, time } from './figures.js';

const EVERY = 1500;

export class Machine {
  #node;
  #clock = null;

  constructor(node) {
    this.#node = node;
  }

  /** Asks again and again while `on`. */
  watch(on) {
    clearInterval(this.#clock);
    this.#clock = null;
    if (on) {
      this.#ask();
      this.#clock = setInterval(() => !document.hidden && this.#ask(), EVERY);
    }
  }

  async #ask() {
    try {
      this.#draw(await get('gemmavk/status'));
    } catch (error) {
      this.#node.replaceChildren(element('p.problem', {}, error.message));
    }
  }

  #draw({ memory, kernels, queue, device, backend, totals }) {
    this.#node.replaceChildren(
      element('h3', {}, text('memory')), ...memoryBars(memory),
      element('h3', {}, text('kernelTime')), kernels.length === 0 ? element('p.hint', {}, text('noKernels')) : element('ol.kernels', {}, kernels.slice(0, 8).map(kernelRow)),
      element('h3', {}, text('queue')), queueRow(queue),
      element('p.hint', {}, `${device} (${backend}) · ${text('totals', totals.answers, totals.answer_tokens)}`));
  }
}

// The plan has a line for each kind of buffer; a bar of so many colours would say nothing.
function groups(items) {
  const sums = { weights: 0, cache: 0, activations: 0, reserve: 0 };
  for (const { name, bytes } of items) {
    const group = /weights|norms|embedding/.test(name) ? 'weights' : /KV/.test(name) ? 'cache' : /activations|logits|scratch/.test(name) ? 'activations' : 'reserve';
    sums[group] += bytes;
  }

  return Object.entries(sums).filter(([, bytes]) => bytes > 0);
}

function memoryBars({ items, planned_bytes: planned, held_bytes: held, budget_bytes: budget }) {
  const whole = Math.max(planned, held, 1);
  const bar = element('div.memory', { role: 'img', 'aria-label': text('memoryOf', size(planned), size(held), size(budget)) });
  const parts = groups(items);
  for (const [group, bytes] of parts) {
    const piece = element(`span.part.part-${group}`);
    piece.style.width = `${(100 * bytes) / whole}%`;
    bar.append(piece);
  }

  const mark = element('span.used');
  mark.style.left = `${(100 * held) / whole}%`;
  bar.append(mark);
  return [bar, element('ul.legend', {}, parts.map(([group, bytes]) => element('li', {}, element(`span.part.part-${group}`), `${text(`memory-${group}`)} `, element('span', {}, size(bytes))))),
    element('p.hint', {}, text('memoryOf', size(planned), size(held), size(budget)))];
}

function kernelRow({ name, share, milliseconds }) {
  const bar = element('span.bar');
  bar.style.setProperty('--share', share.toFixed(4));
  return element('li', {}, bar, element('code', {}, name), element('span', {}, `${percent(share)} · ${time(milliseconds)}`));
}

function queueRow({ running, waiting, slots }) {
  const seats = Array.from({ length: slots }, (_, i) => element(`span.seat${i < running ? '.taken' : ''}`));
  return element('div.queue', { role: 'img', 'aria-label': text('queueOf', running, waiting) }, seats, element('span', {}, text('queueOf', running, waiting)));
}
