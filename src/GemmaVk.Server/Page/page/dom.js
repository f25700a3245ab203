// Elements from a short description: element('button.icon', { onclick }, 'text').

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. `spec` is a tag with classes; a key of `attributes` that begins with "on" is a listener, a boolean adds or omits the
 * attribute, null omits it. Children that are null or false are left out; strings become text, never markup.
 */
export function element(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  const node = document.createElement(tag);
  if (classes.length > 0) {
    node.className = classes.join(' ');
  }

  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else if (value === true) {
      node.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value);
    }
  }

  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Strokes on a square of 24.
const ICONS = {
  add: 'M12 5v14M5 12h14',
  attach: 'M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.5 17.4a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  figures: 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8',
  keep: 'M4 5h16v5H4zM4 14h16v5H4zM7 7.5h.01M7 16.5h.01',
  left: 'M14 6l-6 6 6 6',
  menu: 'M4 7h16M4 12h16M4 17h16',
  microphone: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  moon: 'M19.5 14A8 8 0 0 1 10 4.5a8 8 0 1 0 9.5 9.5z',
  replay: 'M5 12a7 7 0 1 1 2 5M5 20v-4h4M10 9l5 3-5 3z',
  right: 'M10 6l6 6-6 6',
  save: 'M12 4v11M7.5 10.5L12 15l4.5-4.5M5 20h14',
  send: 'M12 19V5M6 11l6-6 6 6',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  stop: 'M7 7h10v10H7z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5',
  think: 'M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9V15h7v-1.1A6 6 0 0 0 12 3z',
  tools: 'M14.5 6.5a4 4 0 0 1 5-3l-2.5 2.5 1 2 2 1 2.5-2.5a4 4 0 0 1-5.5 4.5L9 19a2.1 2.1 0 0 1-3-3l8-8z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  again: 'M19 12a7 7 0 1 1-2-5M19 4v4h-4',
  undo: 'M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
};

/** A drawing in the colour of the text around it; readers of screens pass over it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows a drawing and says its name to those who do not see it. */
export function iconButton(name, label, onclick, attributes = {}) {
  return element('button.icon-button', { type: 'button', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
}

/** A labelled field of a form; the control gets an id if it has none. */
export function field(label, control, hint = null) {
  control.id ||= `field-${(nextField += 1)}`;
  return element('div.field', {}, element('label', { for: control.id }, label), control, hint && element('p.hint', {}, hint));
}

let nextField = 0;
