// An answer token by token: tinted where the drafter had it right, and on each what the model might have said instead. A click or Enter holds the card of a token,
// and an alternative on it begins a branch: the answer goes on from there.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { percent } from './figures.js';

export class TokenStrip {
  #strip = element('div.tokens', { tabindex: '0', role: 'group', 'aria-label': text('tokenStrip') });
  #card = element('div.alternatives', { hidden: true, 'aria-live': 'polite' });
  #message = null;
  #drawn = 0;
  #at = -1;
  #held = false;
  #instead;

  /** `instead` takes a message, the place of a token and what is to stand there in its place; null where nothing may. */
  constructor(node, instead) {
    this.#instead = instead;
    node.append(this.#strip, this.#card);
    const leave = () => this.#held || this.#point(-1);
    this.#strip.addEventListener('pointerover', (event) => this.#held || this.#point([...this.#strip.children].indexOf(event.target)));
    this.#strip.addEventListener('pointerleave', leave);
    this.#strip.addEventListener('click', (event) => this.#hold([...this.#strip.children].indexOf(event.target)));
    this.#strip.addEventListener('focus', () => this.#at < 0 && this.#point(0));
    this.#strip.addEventListener('blur', leave);
    document.addEventListener('pointerdown', (event) => this.#held && !this.#card.contains(event.target) && !this.#strip.contains(event.target) && this.#free());
    this.#card.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this.#free();
        this.#strip.focus();
      }
    });
    this.#strip.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && this.#at >= 0) {
        event.preventDefault();
        this.#hold(this.#at);
        this.#card.querySelector('button')?.focus();
        return;
      }

      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        this.#held = false;
        this.#point(Math.max(0, Math.min(this.#drawn - 1, this.#at + step)));
      }
    });
  }

  /** Shows a message's tokens; those that are drawn stay. */
  show(message) {
    if (message !== this.#message) {
      this.#message = message;
      this.#drawn = 0;
      this.#strip.replaceChildren();
      this.#free();
    }

    const tokens = message?.tokens ?? [];
    const added = tokens.slice(this.#drawn).map((token) => element(`span.token${token.drafted ? '.drafted' : ''}`, {}, visible(token.text)));
    this.#strip.append(...added);
    this.#drawn = tokens.length;
    if (added.length > 0 && this.#at < 0) {
      this.#strip.scrollTop = this.#strip.scrollHeight;
    }
  }

  #hold(at) {
    this.#held = at >= 0;
    this.#point(at);
  }

  #free() {
    this.#held = false;
    this.#point(-1);
  }

  #point(at) {
    this.#strip.children[this.#at]?.classList.remove('pointed');
    this.#at = at;
    const token = this.#message?.tokens?.[at];
    this.#card.hidden = token === undefined;
    this.#card.classList.toggle('held', this.#held);
    if (token === undefined) {
      return;
    }

    const node = this.#strip.children[at];
    node.classList.add('pointed');
    const top = token.top ?? token.top_logprobs ?? [];
    this.#card.replaceChildren(
      element('div.alternatives-head', {}, element('code', {}, visible(token.text)), ` ${text(token.drafted ? 'drafted' : 'computed')} · id ${token.id}`),
      top.length === 0 ? element('p.hint', {}, text('noAlternatives')) : element('ol', {}, top.map((one) => this.#row(one, token, at))));
    const place = node.getBoundingClientRect();
    const width = Math.min(280, window.innerWidth - 16);
    this.#card.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - width - 8))}px`;
    this.#card.style.top = '0px';
    const height = this.#card.offsetHeight;
    this.#card.style.top = `${place.bottom + 6 + height > window.innerHeight ? Math.max(8, place.top - height - 6) : place.bottom + 6}px`;
  }

  #row({ id, text: said, token: word, logprob }, token, at) {
    const message = this.#message;
    const branches = this.#held && id !== token.id && this.#instead(message, at, null);
    const share = Math.exp(logprob);
    const bar = element('span.bar');
    bar.style.setProperty('--share', share.toFixed(4));
    return element('li', { class: id === token.id ? 'chosen' : null }, bar, element('code', {}, visible(said ?? word)),
      branches && element('button.small', {
        type: 'button', title: text('goOnFrom', visible(said ?? word)), 'aria-label': text('goOnFrom', visible(said ?? word)),
        onclick: () => {
          this.#free();
          this.#instead(message, at, { id, text: said ?? word, logprob });
        },
      }, text('goOn')),
      element('span', {}, share < 0.005 ? share.toExponential(0) : percent(share)));
  }
}

// Spaces and breaks have a shape here, or a token of them could not be seen.
function visible(said) {
  return (said ?? '').replace(/\n/g, '⏎\n').replace(/^ | $/g, '·').replace(/\t/g, '→') || '∅';
}
