// One message: what it says, its media and calls, what can be done with it.

import { element, iconButton } from '../page/dom.js';
import { confirmed } from '../page/dialog.js';
import { text } from '../page/texts.js';
import { announce } from '../page/announce.js';
import { MarkdownView } from '../markdown/view.js';
import { brothers } from '../store/tree.js';
import { figuresOf, percent, speedText, time } from '../inside/figures.js';
import { callCard } from './calls.js';
import { thumbnail } from '../media/attachment.js';

export class MessageView {
  #chat;
  #message;
  #actions;
  #markdown;
  #thinking;
  #thought;
  #summary = element('summary');
  #body = element('div.body');
  #sources = element('p.sources', { hidden: true });
  #calls = element('div.calls');
  #foot = element('div.foot');
  #callsShown = '';
  #editing = false;

  constructor(chat, message, actions) {
    this.#chat = chat;
    this.#message = message;
    this.#actions = actions;
    this.#thought = element('div.thought');
    this.#thinking = element('details.thinking', { hidden: true }, this.#summary, this.#thought);
    const media = (message.parts ?? []).length > 0 && element('div.media', {}, message.parts.map((part) => thumbnail(part)));
    this.node = element(`article.message.${message.role}`, { 'aria-label': text(message.role === 'user' ? 'you' : 'model') },
      media, this.#thinking, this.#body, this.#sources, this.#calls, this.#foot);
    this.#markdown = message.role === 'assistant' ? new MarkdownView(this.#body) : null;
  }

  update() {
    const message = this.#message;
    const writing = this.#chat.writing === message;
    this.node.classList.toggle('writing', writing);
    this.node.setAttribute('aria-busy', writing);
    if (this.#markdown === null) {
      if (!this.#editing) {
        this.#body.textContent = message.text;
      }
    } else {
      this.#showThinking(writing);
      const shown = this.#chat.conversation.schema?.on && looksLikeJson(message.text) ? `\`\`\`json\n${pretty(message.text)}\n\`\`\`` : message.text;
      this.#markdown.show(shown, !writing);
      this.#sources.textContent = sourcesOf(message.citations ?? []);
      this.#sources.hidden = this.#sources.textContent === '';
      this.#showCalls(writing);
    }

    if (!this.#editing) {
      this.#foot.replaceChildren(...this.#footOf(writing).filter(Boolean));
    }
  }

  /** Puts the words of a message of the user into a field. */
  edit() {
    const area = element('textarea', { 'aria-label': text('editMessage'), rows: '3' });
    area.value = this.#message.text;
    const leave = () => {
      this.#editing = false;
      this.update();
    };
    const save = async () => {
      leave();
      await this.#chat.edit(this.#message, area.value);
    };
    this.#editing = true;
    this.#body.replaceChildren(area);
    this.#foot.replaceChildren(
      element('button.plain', { type: 'button', onclick: leave }, text('cancel')),
      element('button.primary', { type: 'button', onclick: save }, text('sendAgain')));
    area.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        leave();
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    });
    area.focus();
  }

  #showThinking(writing) {
    const { thinking, text: said, thought, figures } = this.#message;
    this.#thinking.hidden = !thinking;
    if (!thinking) {
      return;
    }

    const busy = writing && !said;
    this.#summary.textContent = busy ? text('thinking') : thought !== undefined && figures ? text('thoughtFor', time(thought - (figures.first ?? 0))) : text('thought');
    this.#thinking.classList.toggle('busy', busy);
    this.#thought.textContent = thinking;
  }

  #showCalls(writing) {
    const calls = this.#message.calls ?? [];
    const state = JSON.stringify([calls, writing]);
    if (state !== this.#callsShown) {
      this.#callsShown = state;
      this.#calls.replaceChildren(...calls.map((call) => callCard(call, writing ? null : (value) => this.#chat.result(this.#message, call, value))));
    }
  }

  #footOf(writing) {
    const message = this.#message;
    const { role, error, stopped, finish } = message;
    const again = brothers(this.#chat.messages, message);
    const at = again.indexOf(message);
    const busy = this.#chat.writing !== null;
    const note = error ? element('p.problem', {}, error)
      : stopped ? element('p.note', {}, text('stopped'))
        : finish === 'length' ? element('p.note', {}, text('lengthReached')) : null;
    return [
      note,
      again.length > 1 && element('span.branches', { role: 'group', 'aria-label': text('branches') },
        iconButton('left', text('branchBefore'), () => this.#chat.through(again[at - 1]), { disabled: at === 0 || busy }),
        element('span', {}, `${at + 1} / ${again.length}`),
        iconButton('right', text('branchAfter'), () => this.#chat.through(again[at + 1]), { disabled: at === again.length - 1 || busy })),
      writing ? null : iconButton('copy', text('copyMessage'), () => this.#copy()),
      role === 'user' && !busy && iconButton('edit', text('editMessage'), () => this.edit()),
      role === 'assistant' && !busy && iconButton('again', text('again'), () => this.#chat.again(message)),
      role === 'assistant' && !busy && iconButton('replay', text('replay'), () => this.#chat.again(message, message.seed)),
      role === 'assistant' && !writing && message.tokens && iconButton('eye', text('lookInside'), () => this.#actions.lookInside(message)),
      !busy && iconButton('trash', text('removeMessage'), async () => await confirmed(text('removeMessage'), text('remove')) && this.#chat.remove(message)),
      role === 'assistant' && !writing && element('span.stats', {}, statsOf(message)),
    ];
  }

  async #copy() {
    await navigator.clipboard.writeText(this.#message.text);
    announce(text('copied'));
  }
}

function statsOf(message) {
  const { tokens, speed, first, acceptance } = figuresOf(message);
  return [
    tokens !== null && text('tokens', tokens),
    speed !== null && text('perSecond', speedText(speed)),
    first !== null && text('toFirst', time(first)),
    acceptance !== null && text('accepted', percent(acceptance)),
    message.route && message.route !== 'local' && text('by', message.route),
  ].filter(Boolean).join(' · ');
}

// Each file once, with the pages that sentences came from.
function sourcesOf(citations) {
  const files = new Map();
  for (const { own, file, page } of citations) {
    if (!own) {
      files.set(file, (files.get(file) ?? new Set()).add(page));
    }
  }

  const named = [...files].map(([file, pages]) => {
    const numbers = [...pages].filter((page) => page !== null).sort((a, b) => a - b);
    return numbers.length > 0 ? text('sourcePages', file, numbers.join(', ')) : file;
  });
  return citations.length === 0 ? '' : named.length > 0 ? text('sources', named.join(' · ')) : text('sourcesNone');
}

function looksLikeJson(said) {
  return /^\s*[[{]/.test(said);
}

// Half an object is shown as it came.
function pretty(said) {
  try {
    return JSON.stringify(JSON.parse(said), null, 2);
  } catch {
    return said;
  }
}
