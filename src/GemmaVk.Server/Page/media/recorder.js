// The microphone as samples: an audio worklet hands on what it hears, in pieces of some hundredths of a second.

import { text } from '../page/texts.js';

/** Opens the microphone; `heard` gets Float32Array pieces of one channel. Resolves to { rate, stop }. Throws with a sentence. */
export async function listen(heard) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error(text('noMicrophone', text('insecurePage')));
  }

  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (error) {
    throw new Error(text('noMicrophone', error.message));
  }

  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL('./recorder-worklet.js', import.meta.url));
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, 'gemmavk-recorder', { numberOfOutputs: 0 });
  node.port.onmessage = (event) => heard(event.data);
  source.connect(node);
  return {
    rate: context.sampleRate,
    stop: async () => {
      stream.getTracks().forEach((track) => track.stop());
      source.disconnect();
      await context.close();
    },
  };
}
