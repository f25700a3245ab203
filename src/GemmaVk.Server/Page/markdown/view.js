// Markdown that grows: after each piece only the blocks that changed are drawn again, at most once per frame.

import { blocks, elementsOf } from './markdown.js';
import { dressCode } from './code.js';
import { dressMath } from './math.js';

export class MarkdownView {
  #node;
  #shown = [];
  #source = '';
  #waiting = false;

  /** Draws into `node`, whose content belongs to this view from now on. */
  constructor(node) {
    this.#node = node;
  }

  /** Shows a text, in the next frame or, with `now`, at once. */
  show(source, now = false) {
    this.#source = source;
    if (now) {
      this.#draw();
    } else if (!this.#waiting) {
      this.#waiting = true;
      requestAnimationFrame(() => {
        this.#waiting = false;
        this.#draw();
      });
    }
  }

  #draw() {
    const tokens = blocks(this.#source).filter((token) => token.type !== 'space');
    const links = tokens.links;
    let same = 0;
    while (same < tokens.length && same < this.#shown.length && tokens[same].raw === this.#shown[same].raw) {
      same += 1;
    }

    for (const gone of this.#shown.splice(same)) {
      gone.node.remove();
    }

    for (const token of tokens.slice(same)) {
      const node = document.createElement('div');
      node.className = 'block';
      node.append(elementsOf(Object.assign([token], { links })));
      this.#node.append(node);
      dressCode(node);
      dressMath(node);
      this.#shown.push({ raw: token.raw, node });
    }
  }
}
