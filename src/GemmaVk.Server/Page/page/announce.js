// What happens without a change of focus, said to readers of screens and shown for a moment.

import { element } from './dom.js';

/** Says a line through the page's live region. */
export function announce(text) {
  const region = document.getElementById('announcements');
  region.textContent = '';
  // A region that gets the same text twice stays silent unless it was empty for a moment.
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}

/** Says a line and shows it for some seconds, an error for longer; nothing below it is out of reach meanwhile. */
export function notify(text, kind = 'note') {
  const shown = document.getElementById('toasts');
  // The same line twice says no more than once.
  [...shown.children].filter((other) => other.textContent === text).forEach((other) => other.remove());
  const toast = element(`div.toast.${kind}`, { role: kind === 'error' ? 'alert' : 'status' }, text);
  shown.append(toast);
  setTimeout(() => toast.remove(), kind === 'error' ? 10000 : 4000);
}
