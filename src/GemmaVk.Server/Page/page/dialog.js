// Questions in the browser's own modal dialogs, which keep the focus inside and give it back.

import { element } from './dom.js';
import { text } from './texts.js';

/** Shows a dialog with a form; resolves to the pressed button's value, or '' when it was closed. */
export function ask(title, content, buttons) {
  return new Promise((resolve) => {
    const heading = element('h2', { id: 'dialog-title' }, title);
    const form = element('form', { method: 'dialog' }, heading, content, element('div.buttons', {},
      // Enter presses the first button that submits, which must not be the one that leaves.
      buttons.map(([value, label, kind]) => element(`button.${kind ?? 'plain'}`, { value, type: value === '' ? 'button' : 'submit', onclick: () => value === '' && dialog.close('') }, label))));
    const dialog = element('dialog', { 'aria-labelledby': 'dialog-title' }, form);
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close(''));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks before something is lost. */
export async function confirmed(question, action) {
  return await ask(question, element('p', {}, text('cannotUndo')), [['', text('cancel')], ['yes', action, 'danger']]) === 'yes';
}

/** Asks for a line of text; null when it was closed. */
export async function line(title, value, kind = 'text') {
  const input = element('input', { type: kind, value, 'aria-label': title, autocomplete: 'off' });
  const answer = await ask(title, input, [['', text('cancel')], ['yes', text('save'), 'primary']]);
  return answer === 'yes' ? input.value : null;
}
