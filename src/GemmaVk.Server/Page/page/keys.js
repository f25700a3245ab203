// Keys that work anywhere on the page: those of llama.cpp's page, so that hands need not learn anew, and Escape.

import { element } from './dom.js';
import { ask } from './dialog.js';
import { text } from './texts.js';

/** Listens for keys. Each of `actions` is called without arguments; `stop` returns whether there was something to stop. */
export function listenForKeys(actions) {
  addEventListener('keydown', (event) => {
    if (event.isComposing || document.querySelector('dialog[open]') !== null) {
      return;
    }

    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const name = control && event.shiftKey ? { o: 'fresh', e: 'rename', d: 'remove' }[key]
      : control && !event.shiftKey ? { k: 'search', b: 'sidebar', '/': 'help', ',': 'settings', '.': 'inside' }[key]
        : key === 'escape' ? 'stop' : null;
    if (name && actions[name]() !== false) {
      event.preventDefault();
    }
  });
}

const KEYS = [
  ['Enter', 'send'], ['Shift Enter', 'newLine'], ['Esc', 'stop'], ['Ctrl Shift O', 'newConversation'], ['Ctrl Shift E', 'rename'], ['Ctrl Shift D', 'removeThis'],
  ['Ctrl K', 'search'], ['Ctrl B', 'sidebarKey'], ['Ctrl ,', 'settings'], ['Ctrl .', 'lookInside'], ['Ctrl /', 'keys'],
];

/** Shows the keys. */
export function showKeys() {
  const rows = KEYS.map(([keys, name]) => element('div', {}, element('dt', {}, keys.split(' ').map((key) => element('kbd', {}, key))), element('dd', {}, text(name))));
  return ask(text('keys'), element('dl.keys', {}, rows), [['', text('close')]]);
}
