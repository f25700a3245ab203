// The page's second room: speak, read along, edit by instruction, copy.

import { element, icon, iconButton } from '../page/dom.js';
import { announce, notify } from '../page/announce.js';
import { change, settings } from '../page/settings.js';
import { text } from '../page/texts.js';
import { download } from '../store/transfer.js';
import { Dictation } from './dictation.js';
import { EDITS, edited } from './edits.js';

export class DictateView {
  #area = document.getElementById('dictated');
  #growing = document.getElementById('growing');
  #speak = document.getElementById('speak');
  #level = document.getElementById('level');
  #count = document.getElementById('dictate-count');
  #dictation = null;
  #seconds = 0;
  #started = 0;
  #before = [];
  #editing = null;

  constructor() {
    this.#speak.addEventListener('click', () => this.#toggle());
    this.#area.addEventListener('input', () => this.#show());
    document.getElementById('edits').replaceChildren(...Object.entries(EDITS).map(([name, instruction]) =>
      element('button.pill', { type: 'button', onclick: () => this.#edit(instruction) }, text(name))));
    document.getElementById('edit-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const field = document.getElementById('edit-words');
      if (field.value.trim()) {
        this.#edit(field.value.trim());
        field.value = '';
      }
    });
    document.getElementById('dictate-actions').replaceChildren(
      iconButton('undo', text('undo'), () => this.#undo(), { id: 'dictate-undo' }),
      iconButton('copy', text('copyText'), () => this.#copy()),
      iconButton('save', text('saveText'), () => download('dictation.txt', this.#area.value, 'text/plain')),
      iconButton('trash', text('clear'), () => this.#replace('')));
    const words = document.getElementById('own-words');
    words.value = settings.words;
    words.addEventListener('change', () => change({ words: words.value }));
    this.#show();
  }

  async #toggle() {
    if (this.#dictation !== null) {
      const dictation = this.#dictation;
      this.#dictation = null;
      this.#seconds += (performance.now() - this.#started) / 1000;
      this.#show();
      await dictation.stop();
      this.#show();
      return;
    }

    const dictation = new Dictation();
    // What was there stays in front of what is said now.
    const before = this.#area.value.trimEnd();
    let keepBefore = true;
    dictation.addEventListener('text', ({ detail: { final, growing } }) => {
      if (final && keepBefore) {
        this.#before.push(before);
        keepBefore = false;
      }

      this.#area.value = [before, final].filter(Boolean).join(before.endsWith('\n') ? '' : ' ');
      this.#growing.textContent = growing;
      this.#area.scrollTop = this.#area.scrollHeight;
      this.#show();
    });
    dictation.addEventListener('level', ({ detail }) => this.#level.style.setProperty('--level', Math.min(1, detail * 6).toFixed(3)));
    dictation.addEventListener('problem', ({ detail }) => notify(detail, 'error'));
    try {
      await dictation.start();
      this.#dictation = dictation;
      this.#started = performance.now();
      announce(text('listening'));
    } catch (error) {
      notify(error.message, 'error');
    }

    this.#show();
  }

  async #edit(instruction) {
    const source = this.#area.value.trim();
    if (source === '') {
      notify(text('nothingToEdit'));
      return;
    }

    this.#editing?.abort();
    const controller = new AbortController();
    this.#editing = controller;
    this.#before.push(this.#area.value);
    this.#show();
    try {
      this.#area.value = await edited(source, instruction, (shown) => {
        this.#area.value = shown;
      }, controller.signal);
      announce(text('edited'));
    } catch (error) {
      this.#area.value = this.#before.pop();
      if (error.name !== 'AbortError') {
        notify(error.message, 'error');
      }
    } finally {
      if (this.#editing === controller) {
        this.#editing = null;
      }

      this.#show();
    }
  }

  #replace(value) {
    this.#before.push(this.#area.value);
    this.#area.value = value;
    this.#show();
  }

  #undo() {
    this.#editing?.abort();
    if (this.#before.length > 0) {
      this.#area.value = this.#before.pop();
      this.#show();
    }
  }

  async #copy() {
    await navigator.clipboard.writeText(this.#area.value);
    notify(text('copied'));
  }

  #show() {
    const on = this.#dictation !== null;
    this.#speak.classList.toggle('on', on);
    this.#speak.replaceChildren(icon(on ? 'stop' : 'microphone'), element('span', {}, text(on ? 'stopSpeaking' : 'speak')));
    this.#level.hidden = !on;
    this.#growing.hidden = !on && this.#growing.textContent === '';
    if (!on) {
      this.#growing.textContent = '';
    }

    const words = this.#area.value.split(/\s+/).filter(Boolean).length;
    const minutes = (this.#seconds + (on ? (performance.now() - this.#started) / 1000 : 0)) / 60;
    this.#count.textContent = text('wordCount', words) + (words > 0 && minutes > 0.02 ? ` · ${text('wordsPerMinute', Math.round(words / minutes))}` : '')
      + (this.#editing === null ? '' : ` · ${text('editing')}`);
    this.#area.readOnly = on || this.#editing !== null;
    document.getElementById('dictate-undo').disabled = this.#before.length === 0;
  }
}
