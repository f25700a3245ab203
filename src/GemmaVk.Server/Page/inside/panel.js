// The panel that looks inside: an answer's figures while it is written, its tokens, and the machine below.

import { element } from '../page/dom.js';
import { change, settings } from '../page/settings.js';
import { text } from '../page/texts.js';
import { figuresOf, percent, speedText, time } from './figures.js';
import { Machine } from './machine.js';
import { TokenStrip } from './tokens.js';

// Points of the curve of speed.
const POINTS = 60;

export class InsidePanel {
  #chat;
  #chosen = null;
  #figures = element('dl.figures');
  #curve = element('canvas.curve', { width: '600', height: '80', 'aria-hidden': 'true' });
  #speeds = [];
  #hint = element('p.hint');
  #strip;
  #machine;
  #waiting = false;
  #on = false;

  constructor(chat, node) {
    this.#chat = chat;
    const tokens = element('section', { 'aria-label': text('tokenStrip') });
    const machine = element('section', { 'aria-label': text('machine') });
    const box = element('input', { type: 'checkbox', id: 'record-tokens', checked: settings.tokens });
    box.addEventListener('change', () => change({ tokens: box.checked }));
    node.replaceChildren(this.#figures, this.#curve,
      element('h3', {}, text('tokensOf')), element('p.hint.legend-line', {}, element('span.token.drafted', {}, text('drafted')), ' ', element('span.token', {}, text('computed'))),
      tokens, this.#hint, element('div.check', {}, box, element('label', { for: 'record-tokens' }, text('recordTokens'))), machine);
    this.#strip = new TokenStrip(tokens, (message, at, other) => (other === null ? chat.canBranch(message, at) : chat.instead(message, at, other)));
    this.#machine = new Machine(machine);
    chat.addEventListener('message', ({ detail: { message, done } }) => {
      if (message === chat.writing && message !== this.#chosen) {
        this.#choose(message);
      }

      this.#later();
      if (done) {
        this.#machine.watch(this.#on);
      }
    });
    chat.addEventListener('open', () => this.#choose(null));
    chat.addEventListener('thread', () => this.#later());
    this.#draw();
  }

  /** Shows a message's figures and tokens. */
  look(message) {
    this.#choose(message);
    this.#draw();
  }

  /** Whether the panel is seen; hidden, it asks the server nothing. */
  seen(on) {
    this.#on = on;
    this.#machine.watch(on);
    this.#draw();
  }

  #choose(message) {
    this.#chosen = message;
    this.#speeds = [];
    this.#later();
  }

  #later() {
    if (!this.#waiting && this.#on) {
      this.#waiting = true;
      setTimeout(() => {
        this.#waiting = false;
        this.#draw();
      }, 100);
    }
  }

  #draw() {
    const message = this.#chosen ?? this.#chat.branch.findLast((one) => one.role === 'assistant') ?? null;
    const { speed, first, prompt, promptSpeed, cached, share, acceptance, tokens } = figuresOf(message ?? {});
    const rows = [
      [text('speed'), speed === null ? '–' : speedText(speed), text('perSecondUnit')],
      [text('firstToken'), first === null ? '–' : time(first), ''],
      [text('bandwidth'), share === null ? '–' : percent(share), ''],
      [text('acceptance'), acceptance === null ? '–' : percent(acceptance), ''],
      [text('prompt'), prompt === null ? '–' : String(prompt), promptSpeed === null ? '' : text('perSecond', speedText(promptSpeed))],
      [text('reused'), cached === null ? '–' : String(cached), tokens === null ? '' : text('answerTokens', tokens)],
    ];
    this.#figures.replaceChildren(...rows.map(([name, value, unit]) => element('div', {}, element('dt', {}, name), element('dd', {}, value, unit && element('small', {}, ` ${unit}`)))));
    if (message !== null && message === this.#chat.writing && speed !== null) {
      this.#speeds.push(speed);
    }

    this.#drawCurve();
    this.#strip.show(message);
    this.#hint.textContent = message?.tokens ? text('tokenHint') : text(settings.tokens ? 'noTokensYet' : 'tokensOff');
  }

  #drawCurve() {
    const pen = this.#curve.getContext('2d');
    const { width, height } = this.#curve;
    pen.clearRect(0, 0, width, height);
    this.#curve.hidden = this.#speeds.length < 2;
    const shown = this.#speeds.slice(-POINTS);
    const most = Math.max(...shown, 1);
    pen.strokeStyle = getComputedStyle(this.#curve).color;
    pen.lineWidth = 3;
    pen.lineJoin = 'round';
    pen.beginPath();
    shown.forEach((speed, i) => pen.lineTo((i * width) / (shown.length - 1), height - 4 - (speed / most) * (height - 8)));
    pen.stroke();
  }
}
