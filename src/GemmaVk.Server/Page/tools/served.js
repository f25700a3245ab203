// Tools that the server runs, and what the user says of each: ask, always or never.

import { ask } from '../page/dialog.js';
import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { get, post } from '../wire/server.js';

let tools = [];

/** The tools as they were last listed. */
export function served() {
  return tools;
}

/** Lists them; a server without any has none, and so has one that cannot be reached. */
export async function load() {
  try {
    ({ tools } = await get('gemmavk/tools'));
  } catch {
    tools = [];
  }
}

/** Those that the model is told of: a tool that is never called would only be asked for in vain. */
export function offered() {
  return tools.filter((one) => one.standing !== 'never');
}

/** Says what holds for a tool until the server ends. */
export async function stand(tool, consent) {
  const response = await post('gemmavk/tools/consent', { name: tool.name, consent });
  tool.standing = (await response.json()).standing;
}

/** Makes a call, after asking where that is wanted; resolves to the content of a message of role tool. */
export async function callServed(tool, given) {
  let consent;
  if (tool.standing === 'ask') {
    const said = await ask(text('mayCall', tool.name), element('pre', {}, given), [
      ['', text('refuse')], ['once', text('once'), 'primary'], ['always', text('always')], ['never', text('never')]]);
    if (said === 'always' || said === 'never') {
      await stand(tool, said);
    }

    if (said !== 'once' && said !== 'always') {
      return JSON.stringify({ error: text('notAllowed', tool.name) });
    }

    consent = { consent: 'once' };
  }

  try {
    const response = await post('gemmavk/tools/call', { name: tool.name, arguments: JSON.parse(given), ...consent });
    const { content, is_error: failed } = await response.json();
    const words = content.filter((part) => part.type === 'text').map((part) => part.text).join('\n');
    return failed ? JSON.stringify({ error: words }) : content.length > 0 && content.every((part) => part.type === 'text') ? words : content;
  } catch (error) {
    return JSON.stringify({ error: error.message });
  }
}
