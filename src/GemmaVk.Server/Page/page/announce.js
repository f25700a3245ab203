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

/** Says a line and shows it for some seconds, an error for longer; a click closes it. */
export function notify(text, kind = 'note') {
  const toast = element(`div.toast.${kind}`, { role: kind === 'error' ? 'alert' : 'status' }, text);
  toast.addEventListener('click', () => toast.remove());
  document.getElementById('toasts').append(toast);
  if (kind !== 'error') {
    setTimeout(() => toast.remove(), 4000);
  } else {
    setTimeout(() => toast.remove(), 15000);
  }
}
