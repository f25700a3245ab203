// Runs on the audio thread: gathers 2,048 samples of the first channel before it tells the page.

class Recorder extends AudioWorkletProcessor {
  #piece = new Float32Array(2048);
  #length = 0;

  process([input]) {
    const channel = input[0];
    if (channel !== undefined) {
      this.#piece.set(channel, this.#length);
      this.#length += channel.length;
      if (this.#length === this.#piece.length) {
        this.port.postMessage(this.#piece);
        this.#length = 0;
      }
    }

    return true;
  }
}

registerProcessor('gemmavk-recorder', Recorder);
