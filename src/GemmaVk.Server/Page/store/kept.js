// Conversations that the server keeps, where it was started with a folder for them: the file there holds what the model's cache has of one, and the page's own
// file of it with all branches.

import { get, post, request } from '../wire/server.js';
import { messagesOf } from '../wire/prompt.js';
import { messages } from './conversations.js';
import { exported, imported } from './transfer.js';
import { branch } from './tree.js';

const PATH = 'gemmavk/sessions';
const MARK = 8;

let keeps;

/** Whether the server keeps conversations; asked for once. */
export function keepsSessions() {
  keeps ??= get('gemmavk/status').then((status) => status.keeps_sessions);
  keeps.catch(() => {
    keeps = undefined;
  });
  return keeps;
}

/** What the server keeps, the newest first: { id, title, bytes, saved }. */
export async function kept() {
  const { data } = await get(PATH);
  return data.map((one) => ({ ...one, title: titleOf(one.id) })).sort((a, b) => b.saved.localeCompare(a.saved));
}

/** Has the server keep a conversation, in place of what it kept of it before. */
export async function keep(conversation) {
  const own = await messages(conversation.id);
  const said = branch(own, conversation.leaf);
  const body = {
    messages: await messagesOf(conversation.system, said), chat_template_kwargs: { enable_thinking: conversation.thinking },
    metadata: { conversation: await exported([conversation]) },
  };
  const before = (await kept()).filter((one) => one.id.endsWith(markOf(conversation)) && one.id !== idOf(conversation));
  await post(`${PATH}/${idOf(conversation)}`, body);
  await Promise.all(before.map((one) => drop(one.id)));
}

/** Puts what the server keeps into the model's cache, and takes the conversation in; resolves to its id here. */
export async function fetchKept(id) {
  const { conversation } = await (await post(`${PATH}/${id}/restore`, {})).json();
  const [taken] = await imported(conversation.metadata?.conversation ?? '');
  return taken;
}

/** Has the server keep it no longer. */
export function drop(id) {
  return request(`${PATH}/${id}`, { method: 'DELETE' });
}

// Names of files have few letters: the title as far as they go, and a mark of the conversation's own.
function idOf({ title, id }) {
  const plain = title.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 48);
  return `${plain || 'conversation'}${markOf({ id })}`;
}

function markOf({ id }) {
  return `-${id.replaceAll('-', '').slice(0, MARK)}`;
}

function titleOf(id) {
  return id.slice(0, -MARK - 1).replaceAll('-', ' ') || id;
}
