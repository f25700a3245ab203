// Conversations as a file, and back. Media travel as data URIs; ids are given anew, so that nothing here is overwritten.

import { dataUri } from '../wire/prompt.js';
import { text } from '../page/texts.js';
import { messages, saveAll } from './conversations.js';

const FORMAT = 'gemmavk-conversations';
const ROLES = new Set(['user', 'assistant']);
const KINDS = new Set(['image', 'audio', 'video']);

/** The text of a file with conversations and all of their branches. */
export async function exported(conversations) {
  const written = [];
  for (const conversation of conversations) {
    const own = [];
    for (const message of await messages(conversation.id)) {
      const { tokens, conversation: _, parts, ...kept } = message;
      own.push(parts ? { ...kept, parts: await Promise.all(parts.map(async ({ blob, ...part }) => ({ ...part, data: await dataUri(blob) }))) } : kept);
    }

    written.push({ ...conversation, messages: own });
  }

  return JSON.stringify({ format: FORMAT, version: 1, conversations: written }, null, 1);
}

/** Takes in a file's conversations, all or none; resolves to their number. Throws with a sentence about what is wrong. */
export async function imported(content) {
  let file;
  try {
    file = JSON.parse(content);
  } catch (error) {
    throw new Error(text('importNoJson', error.message));
  }

  if (file?.format !== FORMAT || file.version !== 1 || !Array.isArray(file.conversations)) {
    throw new Error(text('importForeign'));
  }

  const conversations = [];
  const all = [];
  for (const given of file.conversations) {
    if (typeof given?.title !== 'string' || !Array.isArray(given.messages)) {
      throw new Error(text('importForeign'));
    }

    const ids = new Map(given.messages.map((message) => [message.id, crypto.randomUUID()]));
    const { messages: own, ...rest } = given;
    const conversation = { ...rest, id: crypto.randomUUID(), leaf: ids.get(given.leaf) ?? null, updated: Date.now() };
    conversations.push(conversation);
    for (const message of own) {
      all.push({ ...checked(message), id: ids.get(message.id), parent: ids.get(message.parent) ?? null, conversation: conversation.id });
    }
  }

  await saveAll(conversations, all);
  return conversations.length;
}

function checked(message) {
  const { role, parts, calls } = message;
  if (!ROLES.has(role) || typeof message.text !== 'string' || (message.thinking !== undefined && typeof message.thinking !== 'string')
    || (parts !== undefined && !Array.isArray(parts)) || (calls !== undefined && !Array.isArray(calls))) {
    throw new Error(text('importForeign'));
  }

  return parts === undefined ? message : { ...message, parts: parts.map(withBlob) };
}

function withBlob({ data, ...part }) {
  const match = /^data:([\w.+/-]*);base64,([A-Za-z0-9+/=]*)$/.exec(data ?? '');
  if (!KINDS.has(part.kind) || match === null) {
    throw new Error(text('importForeign'));
  }

  const bytes = Uint8Array.from(atob(match[2]), (letter) => letter.charCodeAt(0));
  return { ...part, blob: new Blob([bytes], { type: match[1] }) };
}

/** Hands a file to the browser's downloads. */
export function download(name, content, type = 'application/json') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
