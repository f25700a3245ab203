// Formulas as MathML, which browsers draw with their own fonts. KaTeX loads with the first formula.

import DOMPurify from '../vendor/purify.js';

let katex;
let loading;

/** Turns the formulas of a node, which stand there as code, into MathML; one that KaTeX does not take stays code. */
export function dressMath(node) {
  const formulas = [...node.querySelectorAll('code.math')];
  if (formulas.length === 0) {
    return;
  }

  if (katex === undefined) {
    loading ??= import('../vendor/katex.js').then((module) => {
      katex = module;
    });
    loading.then(() => node.isConnected && dressMath(node));
    return;
  }

  for (const formula of formulas) {
    try {
      formula.replaceWith(drawn(formula.textContent, formula.dataset.display === 'true'));
    } catch (error) {
      formula.classList.remove('math');
      formula.title = error.message;
    }
  }
}

function drawn(source, displayMode) {
  const markup = katex.renderToString(source, { displayMode, output: 'mathml', throwOnError: true, trust: false, maxSize: 20, maxExpand: 500, strict: 'ignore' })
    // The page's policy refuses style attributes; the source, kept beside the formula, would be shown as text.
    .replace(/ style="[^"]*"/g, '')
    .replace(/<annotation[\s\S]*?<\/annotation>/g, '');
  return DOMPurify.sanitize(markup, { USE_PROFILES: { mathMl: true, html: true }, ADD_TAGS: ['semantics'], FORBID_ATTR: ['style'], RETURN_DOM_FRAGMENT: true });
}
