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

  #draw(status) {
    const { memory = {}, kernels = [], queue = {} } = status;
    this.#node.replaceChildren(
      element('h3', {}, text('memory')), ...memoryBars(memory),
      element('h3', {}, text('kernelTime')), kernels.length === 0 ? element('p.hint', {}, text('noKernels')) : element('ol.kernels', {}, kernels.slice(0, 8).map(kernelRow)),
      element('h3', {}, text('queue')), queueRow(queue),
      element('p.hint', {}, status.device ?? ''));
  }
}

function memoryBars({ parts = [], planned, used, budget }) {
  const whole = Math.max(budget ?? 0, planned ?? 0, used ?? 0, 1);
  const bar = element('div.memory', { role: 'img', 'aria-label': text('memoryOf', size(planned ?? 0), size(used ?? 0)) });
  parts.forEach(({ bytes }, i) => {
    const piece = element(`span.part.part-${i % 5}`);
    piece.style.width = `${(100 * bytes) / whole}%`;
    bar.append(piece);
  });
  if (used !== undefined) {
    const mark = element('span.used');
    mark.style.left = `${Math.min(100, (100 * used) / whole)}%`;
    bar.append(mark);
  }

  return [bar, element('ul.legend', {}, parts.map(({ name, bytes }, i) => element('li', {}, element(`span.part.part-${i % 5}`), `${name} `, element('span', {}, size(bytes))))),
    element('p.hint', {}, text('memoryOf', size(planned ?? 0), size(used ?? 0)))];
}

function kernelRow({ name, share, milliseconds }) {
  const bar = element('span.bar');
  bar.style.setProperty('--share', share.toFixed(4));
  return element('li', {}, bar, element('code', {}, name), element('span', {}, percent(share) + (milliseconds ? ` · ${time(milliseconds)}` : '')));
}

function queueRow({ running = 0, waiting = 0, sessions = 0 }) {
  const seats = Array.from({ length: Math.max(sessions, running) }, (_, i) => element(`span.seat${i < running ? '.taken' : ''}`));
  return element('div.queue', { role: 'img', 'aria-label': text('queueOf', running, waiting) }, seats, element('span', {}, text('queueOf', running, waiting)));
}
