// Conversations as a file, and back. Media travel as data URIs; ids are given anew, so that nothing here is overwritten.

import { dataUri } from '../wire/prompt.js';
import { text } from '../page/texts.js';
import { messages, saveAll } from './conversations.js';

const FORMAT = 'gemmavk-conversations';
const ROLES = new Set(['user', 'assistant']);
const KINDS = new Set(['image', 'audio', 'video', 'document']);

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

/** Takes in a file's conversations, all or none; resolves to their ids. Throws with a sentence about what is wrong. */
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

    const ids = new Map(given.messages.map((message) => [message?.id, crypto.randomUUID()]));
    const conversation = { ...conversationOf(given), id: crypto.randomUUID(), leaf: ids.get(given.leaf) ?? null, updated: Date.now() };
    conversations.push(conversation);
    for (const message of given.messages) {
      all.push({ ...messageOf(message ?? {}), id: ids.get(message.id), parent: ids.get(message.parent) ?? null, conversation: conversation.id });
    }
  }

  await saveAll(conversations, all);
  return conversations.map(({ id }) => id);
}

// Only what the page writes itself is taken from a file, and only in the types that it reads.
function conversationOf({ title, created, system = '', sampling = {}, thinking = false, choice = 'auto', schema = null }) {
  const wellFormed = typeof system === 'string' && isNumbers(sampling) && typeof choice === 'string'
    && (schema === null || (typeof schema.on === 'boolean' && typeof schema.text === 'string'));
  return check(wellFormed, { title, created: Number(created) || Date.now(), system, sampling, thinking: thinking === true, choice, schema });
}

function messageOf({ role, created, text: said, thinking, parts, calls, finish, seed, stopped, error, model, usage, timings, figures, citations }) {
  const texts = [said, thinking ?? '', finish ?? '', error ?? '', model ?? ''];
  const wellFormed = ROLES.has(role) && texts.every((value) => typeof value === 'string') && [usage, timings, figures].every((value) => value === undefined || isNumbers(value))
    && (parts === undefined || Array.isArray(parts)) && (calls === undefined || (Array.isArray(calls) && calls.every(isCall)))
    && (citations === undefined || (Array.isArray(citations) && citations.every(isCitation)));
  return check(wellFormed, {
    role, created: Number(created) || 0, text: said, thinking, calls, finish, seed: Number(seed) || 0, stopped: stopped === true, error, model, usage, timings, figures, citations,
    parts: parts?.map(partOf),
  });
}

function partOf({ kind, name, data, wish }) {
  const match = /^data:([\w.+/-]*);base64,([A-Za-z0-9+/=]*)$/.exec(data ?? '');
  check(KINDS.has(kind) && typeof name === 'string' && match !== null && (wish === undefined || isNumbers(wish)));
  return { kind, name, wish, blob: new Blob([Uint8Array.from(atob(match[2]), (letter) => letter.charCodeAt(0))], { type: match[1] }) };
}

function isCall(call) {
  return ['id', 'name', 'arguments'].every((key) => typeof call?.[key] === 'string') && (call.result === undefined || typeof call.result === 'string');
}

function isCitation(one) {
  return one?.own === true || (typeof one?.file === 'string' && (one.page === null || typeof one.page === 'number'));
}

function isNumbers(value) {
  return value === null || typeof value === 'number' || (typeof value === 'object' && Object.values(value).every(isNumbers));
}

function check(wellFormed, value) {
  if (!wellFormed) {
    throw new Error(text('importForeign'));
  }

  return value;
}

/** Hands a file to the browser's downloads. */
export function download(name, content, type = 'application/json') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
