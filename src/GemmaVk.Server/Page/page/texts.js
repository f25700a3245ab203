// The page's words in the language that is set. `{0}` in a text is the first value.

import { settings } from './settings.js';
import { ENGLISH } from './english.js';
import { GERMAN } from './german.js';

const LANGUAGES = { en: ENGLISH, de: GERMAN };

/** A text by its name. */
export function text(name, ...values) {
  const found = LANGUAGES[settings.language]?.[name] ?? ENGLISH[name];
  if (found === undefined) {
    throw new Error(`There is no text '${name}'.`);
  }

  return found.replace(/\{(\d)\}/g, (_, i) => values[i] ?? '');
}

/** Puts words into what HTML marks: data-text into an element, data-label onto a control, data-hint into an empty field. */
export function translate(root = document) {
  document.documentElement.lang = settings.language;
  for (const node of root.querySelectorAll('[data-text]')) {
    node.textContent = text(node.dataset.text);
  }

  for (const node of root.querySelectorAll('[data-label]')) {
    node.setAttribute('aria-label', text(node.dataset.label));
    if (node.tagName === 'BUTTON') {
      node.title = text(node.dataset.label);
    }
  }

  for (const node of root.querySelectorAll('[data-hint]')) {
    node.placeholder = text(node.dataset.hint);
  }
}
