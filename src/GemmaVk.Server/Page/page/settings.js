// What this browser remembers beside conversations: looks, language, and what a new conversation starts with.

const KEY = 'gemmavk-settings';

const DEFAULTS = {
  theme: 'system',
  language: navigator.language.startsWith('de') ? 'de' : 'en',
  sidebar: true,
  panel: null,
  thinking: false,
  tokens: true,
  system: '',
  sampling: {},
  functions: [],
  words: '',
};

function load() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return { ...DEFAULTS };
  }
}

/** The settings as they are; change them through `change`. */
export const settings = load();

/** Fires 'change' with the names that changed in `detail`. */
export const settingsEvents = new EventTarget();

/** Changes settings and keeps them. */
export function change(values) {
  Object.assign(settings, values);
  localStorage.setItem(KEY, JSON.stringify(settings));
  settingsEvents.dispatchEvent(new CustomEvent('change', { detail: Object.keys(values) }));
}
