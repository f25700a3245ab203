// Code blocks get a head with their language and a button that copies; colours come when the highlighter has loaded.

import DOMPurify from '../vendor/purify.js';
import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { announce } from '../page/announce.js';

let highlighter;
let loading;

/** Puts heads on the code blocks of a node and colours what is code of a known language. */
export function dressCode(node) {
  for (const code of node.querySelectorAll('pre > code')) {
    const language = /^language-(\S+)/.exec(code.className)?.[1] ?? '';
    const frame = element('div.code', {}, element('div.code-head', {}, element('span', {}, language || text('code')), copyButton(() => code.textContent)));
    code.parentElement.replaceWith(frame);
    const scroll = element('pre', { tabindex: '0', role: 'region', 'aria-label': text('codeIn', language || text('code')) }, code);
    frame.append(scroll);
    if (language !== '') {
      colour(code, language);
    }
  }
}

/** A button that copies what `content` gives and says so. */
export function copyButton(content, label = text('copy')) {
  const button = element('button.small', { type: 'button' }, label);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(content());
    button.textContent = text('copied');
    announce(text('copied'));
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  });
  return button;
}

function colour(code, language) {
  if (highlighter === undefined) {
    loading ??= import('../vendor/highlight.js').then((module) => {
      highlighter = module.default;
    });
    loading.then(() => code.isConnected && colour(code, language));
    return;
  }

  if (highlighter.getLanguage(language)) {
    const coloured = highlighter.highlight(code.textContent, { language, ignoreIllegals: true }).value;
    code.replaceChildren(DOMPurify.sanitize(coloured, { ALLOWED_TAGS: ['span'], ALLOWED_ATTR: ['class'], RETURN_DOM_FRAGMENT: true }));
  }
}
