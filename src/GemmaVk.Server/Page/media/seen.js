// What the model sees of a picture, a sound or a clip, drawn over the thing itself.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';

/** A sentence on an attachment's tokens. */
export function seenText({ kind, seen: { tokens, columns, rows, width, height, seconds, frames, note } }) {
  const said = kind === 'image' ? text('seenImage', tokens, columns, rows, width, height)
    : kind === 'audio' ? text('seenAudio', tokens, seconds.toFixed(1))
      : text('seenVideo', tokens, frames.length, columns, rows);
  return note ? `${said} ${note}` : said;
}

/** Draws into `stage`: a picture under its grid of tokens, a sound as its waveform with the seconds, a clip as its frames. */
export async function drawSeen(part, source, stage) {
  if (part.kind === 'image') {
    drawPicture(part, source, stage);
  } else if (part.kind === 'audio') {
    await drawSound(part, stage);
  } else {
    await drawFrames(part, source, stage);
  }
}

function drawPicture({ name, seen }, source, stage) {
  const image = element('img', { alt: name });
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  stage.append(element('div.picture', {}, image, canvas));
  image.onload = () => drawGrid(canvas, seen.columns, seen.rows, image);
  image.src = source;
}

function drawGrid(canvas, columns, rows, { naturalWidth, naturalHeight }) {
  const scale = Math.max(1, 640 / naturalWidth);
  canvas.width = naturalWidth * scale;
  canvas.height = naturalHeight * scale;
  const pen = canvas.getContext('2d');
  // Dark under light, so that lines are seen on any picture.
  for (const [colour, width] of [['rgba(0, 0, 0, 0.55)', 3], ['rgba(255, 255, 255, 0.9)', 1]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    for (let x = 0; x <= columns; x += 1) {
      pen.moveTo((x * canvas.width) / columns, 0);
      pen.lineTo((x * canvas.width) / columns, canvas.height);
    }

    for (let y = 0; y <= rows; y += 1) {
      pen.moveTo(0, (y * canvas.height) / rows);
      pen.lineTo(canvas.width, (y * canvas.height) / rows);
    }

    pen.stroke();
  }
}

async function drawSound({ blob, name }, stage) {
  const canvas = element('canvas.wave', { width: '960', height: '160', role: 'img', 'aria-label': text('waveOf', name) });
  stage.append(canvas);
  const context = new AudioContext();
  try {
    const samples = (await context.decodeAudioData(await blob.arrayBuffer())).getChannelData(0);
    const pen = canvas.getContext('2d');
    pen.fillStyle = getComputedStyle(canvas).color;
    const step = Math.max(1, Math.floor(samples.length / canvas.width));
    for (let x = 0; x < canvas.width; x += 1) {
      let peak = 0;
      for (let i = x * step; i < (x + 1) * step && i < samples.length; i += 1) {
        peak = Math.max(peak, Math.abs(samples[i]));
      }

      const height = Math.max(1, peak * canvas.height);
      pen.fillRect(x, (canvas.height - height) / 2, 1, height);
    }
  } catch {
    canvas.replaceWith(element('p.hint', {}, text('browserCannot', name)));
  } finally {
    await context.close();
  }
}

async function drawFrames({ seen, name }, source, stage) {
  const strip = element('ol.frames', { 'aria-label': text('framesOf', name) });
  stage.append(strip);
  const video = element('video', { muted: true, preload: 'auto' });
  video.src = source;
  const playable = await new Promise((resolve) => {
    video.onloadeddata = () => resolve(true);
    video.onerror = () => resolve(false);
  });
  for (const stamp of seen.frames) {
    const seconds = stamp.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const item = element('li', {}, element('span', {}, stamp));
    strip.append(item);
    if (playable) {
      await new Promise((resolve) => {
        video.onseeked = resolve;
        video.currentTime = Math.min(seconds, Math.max(0, video.duration - 0.01));
      });
      const canvas = element('canvas', { width: '160', height: String(Math.round((160 * video.videoHeight) / video.videoWidth)), 'aria-hidden': 'true' });
      canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
      item.prepend(canvas);
    }
  }

  if (!playable) {
    stage.append(element('p.hint', {}, text('browserCannot', name)));
  }
}
