// Changes of a text by instruction. Each is one request without history: what comes back takes the text's place.

import { settings } from '../page/settings.js';
import { complete } from '../wire/completion.js';

const SYSTEM = 'You edit a text that was dictated. Answer with the edited text alone: no greeting, no explanation, no quotation marks around it. '
  + 'Keep its language and its meaning unless the instruction says otherwise.';

/** Instructions with a button of their own; the name is a key of the page's texts. */
export const EDITS = {
  editClean: 'Remove filler words and false starts, and where the speaker corrected himself keep only the correction. Mend spelling and punctuation.',
  editFormal: 'Make it formal.',
  editShort: 'Make it shorter; keep every fact.',
  editLong: 'Write it out in full sentences, a little longer, without new facts.',
  editList: 'Make it a list, one point a line, each line beginning with "- ".',
  editKey: 'Give its key points, one a line, each line beginning with "- ".',
};

/** Streams the edited text; `shown` gets all of it after each piece. Resolves to the whole. */
export async function edited(source, instruction, shown, signal) {
  const message = {};
  await complete({
    messages: [{ role: 'system', content: settings.words.trim() ? `${SYSTEM} Names and words that may have been misheard are spelled so: ${settings.words.trim()}.` : SYSTEM }, { role: 'user', content: `${instruction}\n\n${source}` }],
    chat_template_kwargs: { enable_thinking: false },
  }, message, () => shown(message.text ?? ''), signal);
  return (message.text ?? '').trim();
}
