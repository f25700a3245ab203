// The panel of settings: what the conversation shown is asked with, and how the page looks.

import { element, field } from './dom.js';
import { change, settings } from './settings.js';
import { text } from './texts.js';

// Name in the request, least, most, step, and what the server takes where nothing is said.
const FIELDS = [
  ['temperature', 0, 2, 0.05, '1'],
  ['top_p', 0, 1, 0.01, '0.95'],
  ['top_k', 0, 1000, 1, '64'],
  ['min_p', 0, 1, 0.01, '0'],
  ['max_tokens', 1, 262144, 1, ''],
  ['seed', 0, 2147483647, 1, ''],
  ['presence_penalty', -2, 2, 0.1, '0'],
  ['frequency_penalty', -2, 2, 0.1, '0'],
];

export class SettingsPanel {
  #chat;
  #node;

  constructor(chat, node) {
    this.#chat = chat;
    this.#node = node;
    chat.addEventListener('open', () => this.draw());
    this.draw();
  }

  draw() {
    const { conversation } = this.#chat;
    const system = element('textarea', { id: 'system', rows: '4', placeholder: text('systemHint') });
    system.value = conversation.system;
    system.addEventListener('input', () => this.#chat.change({ system: system.value }));
    const keep = element('button.plain', { type: 'button', onclick: () => change({ system: conversation.system, sampling: { ...conversation.sampling } }) }, text('keepForNew'));
    this.#node.replaceChildren(
      field(text('system'), system),
      element('h3', {}, text('sampling')), element('div.grid', {}, FIELDS.map((one) => this.#number(conversation, ...one))),
      element('div.buttons.left', {}, keep),
      element('h3', {}, text('looks')),
      field(text('theme'), select(['system', 'light', 'dark'], settings.theme, (theme) => change({ theme }), (value) => text(`theme-${value}`))),
      field(text('language'), select(['en', 'de'], settings.language, (language) => change({ language }), (value) => ({ en: 'English', de: 'Deutsch' })[value])));
  }

  #number(conversation, name, least, most, step, usual) {
    const input = element('input', { type: 'number', min: least, max: most, step: step < 1 ? 'any' : step, placeholder: usual || text('free'), value: conversation.sampling[name] ?? '', id: `sampling-${name}` });
    input.addEventListener('input', () => {
      const { [name]: _, ...sampling } = conversation.sampling;
      const valid = input.checkValidity();
      input.setAttribute('aria-invalid', !valid);
      if (valid) {
        this.#chat.change({ sampling: input.value === '' ? sampling : { ...sampling, [name]: Number(input.value) } });
      }
    });
    return field(text(name), input);
  }
}

function select(values, chosen, changed, label) {
  const node = element('select', { onchange: () => changed(node.value) }, values.map((value) => element('option', { value, selected: value === chosen }, label(value))));
  return node;
}
