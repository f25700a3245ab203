// Where a message is written: words, files that are picked, dropped or pasted, the microphone; send and stop.

import { icon } from '../page/dom.js';
import { announce, notify } from '../page/announce.js';
import { change, settings } from '../page/settings.js';
import { text } from '../page/texts.js';
import { attachment, chip, look } from '../media/attachment.js';
import { listen } from '../media/recorder.js';
import { wav } from '../media/wav.js';
import { time } from '../inside/figures.js';

export class Composer {
  #chat;
  #form = document.getElementById('composer');
  #words = document.getElementById('words');
  #files = document.getElementById('files');
  #chips = document.getElementById('chips');
  #send = document.getElementById('send');
  #microphone = document.getElementById('microphone');
  #think = document.getElementById('think');
  #parts = [];
  #recording = null;

  constructor(chat) {
    this.#chat = chat;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#words.addEventListener('input', () => this.#grow());
    this.#words.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.#words.addEventListener('paste', (event) => {
      if (event.clipboardData.files.length > 0) {
        event.preventDefault();
        this.attach(event.clipboardData.files);
      }
    });
    document.getElementById('attach').addEventListener('click', () => this.#files.click());
    this.#files.addEventListener('change', () => {
      this.attach(this.#files.files);
      this.#files.value = '';
    });
    this.#microphone.addEventListener('click', () => this.#record());
    this.#think.addEventListener('click', () => {
      const thinking = !(chat.conversation.thinking ?? settings.thinking);
      chat.change({ thinking });
      change({ thinking });
      this.#show();
    });
    this.#takeDrops(document.getElementById('chat'));
    for (const name of ['open', 'thread', 'list', 'message']) {
      chat.addEventListener(name, () => this.#show());
    }

    this.#show();
  }

  focus() {
    this.#words.focus();
  }

  /** Puts words into the field, ready to be sent. */
  suggest(words) {
    this.#words.value = words;
    this.#grow();
    this.focus();
  }

  pick() {
    this.#files.click();
  }

  /** Takes files along with the message, and asks what the model will see of each. */
  attach(files) {
    for (const file of files) {
      const part = attachment(file);
      if (part === null) {
        notify(text('noMedia', file.name), 'error');
        continue;
      }

      this.#parts.push(part);
      look(part).catch((error) => {
        part.problem = error.message;
      }).finally(() => this.#show());
    }

    this.#show();
    this.focus();
  }

  async #submit() {
    if (this.#chat.writing !== null) {
      this.#chat.stop();
      return;
    }

    const words = this.#words.value.trim();
    const parts = this.#parts;
    if (words === '' && parts.length === 0) {
      return;
    }

    const broken = parts.find((part) => part.problem);
    if (broken) {
      notify(text('removeFirst', broken.name), 'error');
      return;
    }

    this.#words.value = '';
    this.#parts = [];
    this.#grow();
    await this.#chat.send(words, parts.length > 0 ? parts : undefined);
  }

  async #record() {
    if (this.#recording !== null) {
      const { pieces, microphone, clock } = this.#recording;
      this.#recording = null;
      clearInterval(clock);
      await microphone.stop();
      this.#show();
      this.attach([new File([wav(pieces, microphone.rate)], `${text('recording')} ${new Date().toLocaleTimeString('en-GB')}.wav`, { type: 'audio/wav' })]);
      return;
    }

    const pieces = [];
    try {
      const microphone = await listen((piece) => pieces.push(piece));
      this.#recording = { pieces, microphone, clock: setInterval(() => this.#show(), 500) };
      announce(text('recordingNow'));
    } catch (error) {
      notify(error.message, 'error');
    }

    this.#show();
  }

  // Milliseconds of sound that there are: a microphone may begin late.
  #heard() {
    const { pieces, microphone } = this.#recording;
    return pieces.reduce((sum, piece) => sum + piece.length, 0) / microphone.rate * 1000;
  }

  #takeDrops(area) {
    const veil = document.getElementById('drop');
    // A drag over a child leaves its parent: only the last leave counts.
    let depth = 0;
    const carriesFiles = (event) => event.dataTransfer.types.includes('Files');
    area.addEventListener('dragenter', (event) => {
      if (carriesFiles(event)) {
        event.preventDefault();
        depth += 1;
        veil.hidden = false;
      }
    });
    area.addEventListener('dragover', (event) => carriesFiles(event) && event.preventDefault());
    area.addEventListener('dragleave', () => {
      depth = Math.max(0, depth - 1);
      veil.hidden = depth === 0;
    });
    area.addEventListener('drop', (event) => {
      if (carriesFiles(event)) {
        event.preventDefault();
        depth = 0;
        veil.hidden = true;
        this.attach(event.dataTransfer.files);
      }
    });
  }

  #grow() {
    this.#words.style.height = 'auto';
    this.#words.style.height = `${Math.min(this.#words.scrollHeight, 240)}px`;
    this.#show();
  }

  #show() {
    const writing = this.#chat.writing !== null;
    const label = text(writing ? 'stop' : 'send');
    this.#send.replaceChildren(icon(writing ? 'stop' : 'send'));
    this.#send.setAttribute('aria-label', label);
    this.#send.title = label;
    this.#send.disabled = !writing && this.#words.value.trim() === '' && this.#parts.length === 0;
    this.#think.setAttribute('aria-pressed', this.#chat.conversation.thinking ?? settings.thinking);
    this.#microphone.classList.toggle('on', this.#recording !== null);
    this.#microphone.setAttribute('aria-label', text(this.#recording === null ? 'record' : 'recordingEnd'));
    this.#microphone.title = text(this.#recording === null ? 'record' : 'recordingEnd');
    const clock = document.getElementById('recorded');
    clock.hidden = this.#recording === null;
    clock.textContent = this.#recording === null ? '' : time(this.#heard());
    const state = this.#parts.map((part) => [part.name, part.seen?.tokens, part.problem]);
    if (JSON.stringify(state) !== this.#chips.dataset.state) {
      this.#chips.dataset.state = JSON.stringify(state);
      this.#chips.replaceChildren(...this.#parts.map((part) => chip(part, () => {
        this.#parts = this.#parts.filter((one) => one !== part);
        this.#show();
      }, () => this.#show())));
      this.#chips.hidden = this.#parts.length === 0;
    }
  }
}
