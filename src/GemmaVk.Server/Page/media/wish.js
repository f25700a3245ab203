// How much the model is to get of a picture or a clip: soft tokens of a picture or of each frame, and frames of a clip.

import { element, field } from '../page/dom.js';
import { text } from '../page/texts.js';

const BUDGETS = [70, 140, 280, 560, 1120];
const FRAMES = [1, 2, 4, 8, 16, 32, 64];

/** Fields for what may be chosen of an attachment; `changed` is called after each choice. */
export function wishFields(part, changed) {
  if (part.kind === 'audio') {
    return [];
  }

  const budgets = choice(part, 'max_soft_tokens', BUDGETS.filter((budget) => budget <= part.seen.most), changed);
  return [
    field(text(part.kind === 'image' ? 'budgetOfPicture' : 'budgetOfFrame'), budgets),
    part.kind === 'video' && field(text('framesTaken'), choice(part, 'num_frames', FRAMES, changed)),
  ].filter(Boolean);
}

function choice(part, name, values, changed) {
  const node = element('select', {
    name,
    onchange: () => {
      const { [name]: _, ...others } = part.wish ?? {};
      part.wish = node.value === '' ? others : { ...others, [name]: Number(node.value) };
      changed();
    },
  }, element('option', { value: '' }, text('asUsual')), values.map((value) => element('option', { value, selected: part.wish?.[name] === value }, String(value))));
  return node;
}
