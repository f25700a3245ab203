// The branch that is shown: one view per message, kept in place while it grows.

import { element } from '../page/dom.js';
import { announce } from '../page/announce.js';
import { text } from '../page/texts.js';
import { MessageView } from './message.js';

// Within so many pixels of the end the thread follows what is written.
const NEAR = 80;

export class Thread {
  #chat;
  #actions;
  #scroller = document.getElementById('thread');
  #list = document.getElementById('messages');
  #views = new Map();
  #follows = true;

  /** Shows `chat`; `actions` are what messages' buttons lead to elsewhere on the page (`lookInside`). */
  constructor(chat, actions) {
    this.#chat = chat;
    this.#actions = actions;
    chat.addEventListener('open', () => {
      this.#views.forEach((view) => view.node.remove());
      this.#views.clear();
      this.#follows = true;
      this.#draw();
    });
    chat.addEventListener('thread', () => {
      this.#follows = true;
      this.#draw();
    });
    chat.addEventListener('message', (event) => this.#update(event.detail));
    this.#scroller.addEventListener('scroll', () => {
      this.#follows = this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight < NEAR;
    });
    this.#draw();
  }

  #draw() {
    const shown = this.#chat.branch;
    const ids = new Set(shown.map((message) => message.id));
    for (const [id, view] of this.#views) {
      if (!ids.has(id)) {
        view.node.remove();
        this.#views.delete(id);
      }
    }

    for (const message of shown) {
      let view = this.#views.get(message.id);
      if (view === undefined) {
        view = new MessageView(this.#chat, message, this.#actions);
        this.#views.set(message.id, view);
      }

      view.update();
      this.#list.append(view.node);
    }

    document.getElementById('welcome').hidden = shown.length > 0;
    this.#list.hidden = shown.length === 0;
    this.#follow();
  }

  #update({ message, done }) {
    this.#views.get(message.id)?.update();
    if (done) {
      // What can be done with the others changes when nothing is being written any more.
      this.#views.forEach((view) => view.update());
      announce(message.error ?? (message.calls?.length > 0 ? text('called', message.calls.map((call) => call.name).join(', ')) : text('answered')));
    }

    requestAnimationFrame(() => this.#follow());
  }

  #follow() {
    if (this.#follows) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }
  }
}

/** What a new conversation shows: what can be done here, each as a button. */
export function welcome(actions) {
  const suggestions = [['welcomeSum', actions.say], ['welcomePicture', actions.attach], ['welcomeDictate', actions.dictate], ['welcomeTool', actions.tools]];
  document.getElementById('suggestions').replaceChildren(...suggestions.map(([key, action]) =>
    element('button.suggestion', { type: 'button', onclick: () => action(text(key)) }, element('strong', {}, text(`${key}Title`)), element('span', {}, text(key)))));
}
