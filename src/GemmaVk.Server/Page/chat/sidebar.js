// The list of conversations: search, open, rename, export, remove.

import { element, iconButton } from '../page/dom.js';
import { confirmed, line } from '../page/dialog.js';
import { notify } from '../page/announce.js';
import { text } from '../page/texts.js';
import * as store from '../store/conversations.js';
import { drop, fetchKept, keep, keepsSessions, kept } from '../store/kept.js';
import { download, exported, imported } from '../store/transfer.js';
import { modelName } from '../wire/model.js';

export class Sidebar {
  #chat;
  #leave;
  #list = document.getElementById('conversations');
  #query = document.getElementById('search');
  #drawn = 0;
  #keeps = false;

  /** `leave` closes the sidebar where it covers the page, after something was opened. */
  constructor(chat, leave) {
    this.#chat = chat;
    this.#leave = leave;
    this.#query.addEventListener('input', () => this.draw());
    document.getElementById('new').addEventListener('click', () => {
      chat.fresh();
      leave();
    });
    document.getElementById('export').addEventListener('click', async () => this.#export(await store.all(), 'conversations'));
    const file = document.getElementById('import-file');
    document.getElementById('import').addEventListener('click', () => file.click());
    file.addEventListener('change', () => this.#import(file));
    chat.addEventListener('open', () => this.draw());
    chat.addEventListener('list', () => this.draw());
    this.draw();
    // Behind the first request, which asks for the key where one is wanted.
    modelName().then(() => keepsSessions(), () => false).then((keeps) => {
      this.#keeps = keeps;
      document.getElementById('kept-on-server').hidden = !keeps;
      return keeps && Promise.all([this.draw(), this.#drawKept()]);
    }, (error) => notify(error.message, 'error'));
  }

  search() {
    this.#query.focus();
    this.#query.select();
  }

  async draw() {
    const drawing = (this.#drawn += 1);
    const query = this.#query.value.trim();
    const found = query === '' ? null : await store.search(query);
    const conversations = (await store.all()).filter((one) => found === null || found.has(one.id));
    if (drawing !== this.#drawn) {
      return;
    }

    this.#list.replaceChildren(...conversations.map((conversation) => this.#row(conversation)));
    document.getElementById('no-conversations').hidden = conversations.length > 0;
    document.getElementById('no-conversations').textContent = text(query === '' ? 'noConversations' : 'nothingFound');
  }

  async rename(conversation = this.#chat.conversation) {
    if (conversation.updated === null) {
      return;
    }

    const title = await line(text('rename'), conversation.title);
    if (title?.trim()) {
      await this.#chat.change({ title: title.trim() }, conversation.id);
    }
  }

  async remove(conversation = this.#chat.conversation) {
    if (conversation.updated !== null && await confirmed(text('removeConversation', conversation.title), text('remove'))) {
      await this.#chat.removeConversation(conversation.id);
    }
  }

  #row(conversation) {
    const current = conversation.id === this.#chat.conversation.id;
    const open = () => {
      this.#chat.open(conversation.id);
      this.#leave();
    };
    return element('li', { class: current ? 'current' : null },
      element('button.open', { type: 'button', onclick: open, 'aria-current': current ? 'page' : null },
        this.#chat.isWriting(conversation.id) && element('span.busy-dot', { role: 'img', 'aria-label': text('writing') }), conversation.title),
      element('span.row-actions', {},
        iconButton('edit', text('renameOf', conversation.title), () => this.rename(conversation)),
        this.#keeps && iconButton('keep', text('keepOf', conversation.title), () => this.#keep(conversation)),
        iconButton('save', text('exportOf', conversation.title), () => this.#export([conversation], conversation.title)),
        iconButton('trash', text('removeOf', conversation.title), () => this.remove(conversation))));
  }

  async #keep(conversation) {
    await keep(conversation);
    notify(text('keptNow', conversation.title));
    await this.#drawKept();
  }

  async #drawKept() {
    const found = await kept();
    document.getElementById('kept').replaceChildren(...found.map((one) => element('li', {},
      element('button.open', { type: 'button', onclick: () => this.#fetch(one) }, one.title),
      element('span.row-actions', {}, iconButton('trash', text('dropOf', one.title), async () => {
        if (await confirmed(text('dropOf', one.title), text('remove'))) {
          await drop(one.id);
          await this.#drawKept();
        }
      })))));
    document.getElementById('no-kept').hidden = found.length > 0;
  }

  async #fetch(one) {
    await this.#chat.open(await fetchKept(one.id));
    await this.draw();
    this.#leave();
  }

  async #export(conversations, name) {
    download(`${name.replace(/[^\p{L}\p{N} -]/gu, '').trim() || 'conversation'}.json`, await exported(conversations));
  }

  async #import(file) {
    const [chosen] = file.files;
    file.value = '';
    if (chosen !== undefined) {
      try {
        notify(text('imported', (await imported(await chosen.text())).length));
      } catch (error) {
        notify(text('importFailed', chosen.name, error.message), 'error');
      }

      await this.draw();
    }
  }
}
