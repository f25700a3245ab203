// Markdown of a model as elements. Two walls: HTML in the Markdown is text from the start, and what comes out of the parser
// goes through DOMPurify with a short list of what may stay. Pictures from elsewhere become links, so nothing is ever fetched.

import { Marked } from '../vendor/marked.js';
import DOMPurify from '../vendor/purify.js';

const ALLOWED = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'input', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'a',
    'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ALLOWED_ATTR: ['href', 'title', 'class', 'align', 'start', 'type', 'checked', 'disabled', 'data-display'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ADD_URI_SAFE_ATTR: ['align', 'start', 'type', 'checked', 'disabled', 'data-display'],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

export function escape(source) {
  return source.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

const math = (source, display) => `<code class="math"${display ? ' data-display="true"' : ''}>${escape(source)}</code>`;

const mathBlock = {
  name: 'mathBlock',
  level: 'block',
  start: (source) => /\$\$|\\\[/.exec(source)?.index,
  tokenizer(source) {
    const match = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/.exec(source);
    return match === null ? undefined : { type: 'mathBlock', raw: match[0], source: (match[1] ?? match[2]).trim() };
  },
  renderer: (token) => `<p>${math(token.source, true)}</p>`,
};

// A dollar opens only before a letter and closes only after one and before no digit: "$5 and $6" is money.
const mathInline = {
  name: 'mathInline',
  level: 'inline',
  start: (source) => /\$|\\\(/.exec(source)?.index,
  tokenizer(source) {
    const match = /^(?:\$\$([^$]+?)\$\$|\$(?![\s$])((?:\\[\s\S]|[^$\\\n])*?[^\s$\\])\$(?!\d)|\\\(([\s\S]+?)\\\))/.exec(source);
    return match === null ? undefined : { type: 'mathInline', raw: match[0], source: match[1] ?? match[2] ?? match[3] };
  },
  renderer: (token) => math(token.source, false),
};

const marked = new Marked({
  gfm: true,
  extensions: [mathBlock, mathInline],
  renderer: {
    html: (token) => (token.block ? `<p>${escape(token.text)}</p>` : escape(token.text)),
    image: (token) => `<a href="${escape(token.href)}">${escape(token.text || token.href)}</a>`,
    code: (token) => `<pre><code class="language-${escape((token.lang ?? '').split(/\s/)[0])}">${escape(token.text)}</code></pre>`,
  },
});

/** The blocks of a text, each with its source in `raw`. */
export function blocks(source) {
  return marked.lexer(source);
}

/** Elements of blocks that `blocks` gave. */
export function elementsOf(tokens) {
  const fragment = DOMPurify.sanitize(marked.parser(tokens), ALLOWED);
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }

  // A box of a task list is for looking at, and has its words beside it.
  for (const box of fragment.querySelectorAll('input')) {
    box.disabled = true;
    box.setAttribute('aria-label', box.parentElement?.textContent.trim() || '-');
  }

  for (const table of fragment.querySelectorAll('table')) {
    const frame = document.createElement('div');
    frame.className = 'table';
    frame.tabIndex = 0;
    frame.setAttribute('role', 'region');
    frame.setAttribute('aria-label', 'Table');
    table.replaceWith(frame);
    frame.append(table);
  }

  return fragment;
}
