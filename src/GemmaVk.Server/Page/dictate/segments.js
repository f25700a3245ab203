// Speech in pieces: a piece ends in a pause, or where it has grown as long as the model takes at once.

// Lengths in seconds. Gemma hears at most 30 s at once; a piece that is cut in the middle of a word is worse than a short one.
const PAUSE = 0.6;
const SHORTEST = 0.8;
const LONGEST = 15;

// A pause is quieter than this part of the loudest of the last seconds, and than this loudness in any case.
const QUIET_SHARE = 0.12;
const QUIET = 0.006;

/** Cuts what is heard into pieces. `onPiece` gets the samples of each piece that ended. */
export class Segments {
  #rate;
  #onPiece;
  #pieces = [];
  #length = 0;
  #quiet = 0;
  #loudest = 0;
  #spoken = false;

  constructor(rate, onPiece) {
    this.#rate = rate;
    this.#onPiece = onPiece;
  }

  /** Samples of the piece that has not ended, or null while nothing was said in it. */
  get growing() {
    return this.#spoken && this.#length / this.#rate >= SHORTEST ? [...this.#pieces] : null;
  }

  /** Takes some samples; returns their loudness, 0 to 1. */
  add(samples) {
    const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    this.#loudest = Math.max(loudness, this.#loudest * 0.999);
    const quiet = loudness < Math.max(QUIET, this.#loudest * QUIET_SHARE);
    this.#quiet = quiet ? this.#quiet + samples.length : 0;
    this.#spoken ||= !quiet;
    this.#pieces.push(samples);
    this.#length += samples.length;
    if (!this.#spoken && this.#length / this.#rate > PAUSE) {
      // Before the first word only a moment is kept, for a soft beginning.
      const first = this.#pieces.shift();
      this.#length -= first.length;
    }

    if (this.#spoken && this.#length / this.#rate >= SHORTEST && (this.#quiet / this.#rate >= PAUSE || this.#length / this.#rate >= LONGEST)) {
      this.end();
    }

    return loudness;
  }

  /** Ends the piece where it stands. */
  end() {
    if (this.#spoken) {
      this.#onPiece(this.#pieces);
    }

    this.#pieces = [];
    this.#length = 0;
    this.#quiet = 0;
    this.#spoken = false;
  }
}
