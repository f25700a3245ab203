// Reading and writing conversations. A conversation: { id, title, created, updated, leaf, system, sampling, thinking, choice, schema }.
// A message: { id, conversation, parent, created, role, text, parts?, thinking?, calls?, tokens?, finish?, usage?, timings?, figures?, error? }.

import { transact } from './database.js';

/** All conversations, the one last used first. */
export async function all() {
  const conversations = await transact(['conversations'], 'readonly', (store) => store.getAll());
  return conversations.sort((a, b) => b.updated - a.updated);
}

/** The messages of a conversation, all branches, oldest first. */
export async function messages(id) {
  const found = await transact(['messages'], 'readonly', (store) => store.index('conversation').getAll(id));
  return found.sort((a, b) => a.created - b.created);
}

export function save(conversation) {
  return transact(['conversations'], 'readwrite', (store) => store.put(conversation));
}

export function saveMessage(message) {
  return transact(['messages'], 'readwrite', (store) => store.put(message));
}

/** Writes several conversations with their messages, all or none. */
export function saveAll(conversations, messagesOfAll) {
  return transact(['conversations', 'messages'], 'readwrite', (first, second) => {
    conversations.forEach((conversation) => first.put(conversation));
    messagesOfAll.forEach((message) => second.put(message));
  });
}

export function removeMessages(ids) {
  return transact(['messages'], 'readwrite', (store) => ids.forEach((id) => store.delete(id)));
}

/** Removes a conversation with all of its messages. */
export function remove(id) {
  return transact(['conversations', 'messages'], 'readwrite', (first, second) => {
    first.delete(id);
    const keys = second.index('conversation').getAllKeys(id);
    keys.onsuccess = () => keys.result.forEach((key) => second.delete(key));
  });
}

/** Ids of conversations in whose title or messages all words of `query` stand. */
export async function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = new Map((await all()).map((conversation) => [conversation.id, [conversation.title]]));
  for (const message of await transact(['messages'], 'readonly', (store) => store.getAll())) {
    texts.get(message.conversation)?.push(message.text ?? '');
  }

  const found = new Set();
  for (const [id, parts] of texts) {
    const whole = parts.join('\n').toLowerCase();
    if (words.every((word) => whole.includes(word))) {
      found.add(id);
    }
  }

  return found;
}
