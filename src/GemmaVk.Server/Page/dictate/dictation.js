// From the microphone to text: each piece is written down when it ends, and the one that grows is written down again and again.

import { listen } from '../media/recorder.js';
import { wav } from '../media/wav.js';
import { modelName } from '../wire/model.js';
import { request } from '../wire/server.js';
import { Segments } from './segments.js';

// How often the growing piece is asked about, in milliseconds, while no other question is open.
const LIVE = 1200;

/**
 * A dictation from start to stop. Fires 'text' ({ final, growing } in `detail`: pieces written down for good, and the one being spoken),
 * 'level' (loudness, 0 to 1) and 'problem' (a sentence).
 */
export class Dictation extends EventTarget {
  #microphone = null;
  #segments;
  #queue = Promise.resolve();
  #waiting = 0;
  #final = [];
  #growing = '';
  #clock;
  #number = 0;

  async start() {
    const early = [];
    this.#microphone = await listen((samples) => {
      if (this.#segments === undefined) {
        early.push(samples);
      } else {
        this.dispatchEvent(new CustomEvent('level', { detail: this.#segments.add(samples) }));
      }
    });
    this.#segments = new Segments(this.#microphone.rate, (pieces) => this.#write(pieces));
    early.forEach((samples) => this.#segments.add(samples));
    this.#clock = setInterval(() => this.#peek(), LIVE);
  }

  /** Ends the microphone; resolves when the last piece is written down. */
  async stop() {
    clearInterval(this.#clock);
    await this.#microphone.stop();
    this.#segments.end();
    await this.#queue;
  }

  // Pieces are asked for one after the other, so that they come in the order they were said.
  #write(pieces) {
    this.#number += 1;
    this.#waiting += 1;
    this.#queue = this.#queue.then(() => this.#ask(pieces)).then((said) => {
      this.#waiting -= 1;
      this.#growing = '';
      if (said) {
        this.#final.push(said);
      }

      this.#tell();
    });
  }

  #peek() {
    const pieces = this.#segments.growing;
    if (pieces === null || this.#waiting > 0) {
      return;
    }

    const number = this.#number;
    this.#waiting += 1;
    this.#queue = this.#queue.then(() => this.#ask(pieces)).then((said) => {
      this.#waiting -= 1;
      if (number === this.#number) {
        this.#growing = said;
        this.#tell();
      }
    });
  }

  async #ask(pieces) {
    try {
      const form = new FormData();
      form.append('file', wav(pieces, this.#microphone.rate), 'speech.wav');
      form.append('model', await modelName());
      form.append('response_format', 'json');
      return (await (await request('v1/audio/transcriptions', { method: 'POST', body: form })).json()).text.trim();
    } catch (error) {
      this.dispatchEvent(new CustomEvent('problem', { detail: error.message }));
      return '';
    }
  }

  #tell() {
    this.dispatchEvent(new CustomEvent('text', { detail: { final: this.#final.join(' '), growing: this.#growing } }));
  }
}
