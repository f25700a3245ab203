// Conversations that are open: what is said, in which branch, and which answers are being written. Knows nothing of the page;
// fires 'open' (another conversation), 'thread' (messages came or went), 'message' (one changed, in `detail`), 'list' (titles or order).

import { complete } from '../wire/completion.js';
import { messagesOf, options } from '../wire/prompt.js';
import { settings } from '../page/settings.js';
import { text } from '../page/texts.js';
import * as store from '../store/conversations.js';
import { below, branch, newestLeaf } from '../store/tree.js';
import { run } from '../tools/sandbox.js';
import { callServed, served } from '../tools/served.js';

// A model that calls functions without end is stopped after so many answers to one question.
const MOST_ROUNDS = 16;

export class Chat extends EventTarget {
  // Threads that are shown or being answered: { conversation, messages, running? }.
  #threads = new Map();
  #shown = Chat.#fresh();

  get conversation() {
    return this.#shown.conversation;
  }

  get messages() {
    return this.#shown.messages;
  }

  /** The branch that is shown, oldest first. */
  get branch() {
    return branch(this.messages, this.conversation.leaf);
  }

  /** The message that is being written in the conversation shown, or null. */
  get writing() {
    return this.#shown.running?.message ?? null;
  }

  /** Whether any conversation's answer is being written. */
  isWriting(id) {
    return this.#threads.get(id)?.running != null;
  }

  /** Begins a conversation, which is kept from its first message on. */
  fresh() {
    this.#show(Chat.#fresh());
  }

  async open(id) {
    const known = this.#threads.get(id);
    const conversation = known?.conversation ?? (await store.all()).find((one) => one.id === id);
    if (conversation !== undefined) {
      this.#show(known ?? { conversation, messages: await store.messages(id), running: null });
    }
  }

  /** Says something; the answer follows at the end of the branch. */
  async send(said, parts) {
    const thread = this.#shown;
    await this.#say(thread, { parent: thread.conversation.leaf, text: said, parts });
  }

  /** Says something else in a message's place: a branch begins there. */
  async edit(message, said) {
    await this.#say(this.#shown, { parent: message.parent, text: said, parts: message.parts });
  }

  /** Answers again in an answer's place, with the same seed if wanted. */
  async again(message, seed = undefined) {
    await this.#answer(this.#shown, message.parent, seed);
  }

  /** Whether an answer can go on from another token at a place: in its words, whole characters before it, and no schema that would begin anew. */
  canBranch(message, at) {
    const before = message.tokens?.slice(0, at) ?? [];
    return this.writing === null && message.tokens?.[at]?.place === 'content' && !before.some((token) => token.place === 'call' || token.text.includes('\uFFFD'))
      && !this.conversation.schema?.on;
  }

  /** Answers in an answer's place with the same beginning and another token; the model goes on from there. */
  async instead(message, at, other) {
    const before = message.tokens.slice(0, at);
    const said = before.filter((token) => token.place === 'content').map((token) => token.text).join('') + other.text;
    await this.#answer(this.#shown, message.parent, undefined, {
      text: said, thinking: message.thinking, tokens: [...before, { ...message.tokens[at], ...other, drafted: false }],
    });
  }

  /** Gives a call's result; once all calls of the message have theirs, the model goes on. */
  async result(message, call, value) {
    const thread = this.#shown;
    call.result = value;
    await store.saveMessage(message);
    this.#changed(thread, message);
    if (message.calls.every((one) => one.result !== undefined)) {
      await this.#answer(thread, message.id);
    }
  }

  /** Shows the newest branch through a message. */
  async through(message) {
    const thread = this.#shown;
    thread.conversation.leaf = newestLeaf(thread.messages, message.id);
    await store.save(thread.conversation);
    this.#fire('thread');
  }

  /** Ends the answer being written in the conversation shown; what came of it stays. */
  stop() {
    this.#shown.running?.controller.abort();
  }

  /** Removes a message and what follows it. */
  async remove(message) {
    const thread = this.#shown;
    const gone = new Set(below(thread.messages, message.id));
    thread.messages = thread.messages.filter((one) => !gone.has(one.id));
    if (gone.has(thread.conversation.leaf)) {
      const left = thread.messages.filter((one) => one.parent === message.parent);
      thread.conversation.leaf = left.length > 0 ? newestLeaf(thread.messages, left[left.length - 1].id) : message.parent;
    }

    await store.removeMessages([...gone]);
    await store.save(thread.conversation);
    this.#fire('thread');
  }

  /** Changes what a conversation says of itself: title, system prompt, sampling, schema. */
  async change(values, id = this.conversation.id) {
    const known = id === this.conversation.id ? this.#shown : this.#threads.get(id);
    const conversation = known?.conversation ?? (await store.all()).find((one) => one.id === id);
    Object.assign(conversation, values);
    if (conversation.updated !== null) {
      await store.save(conversation);
    }

    this.#fire('list');
  }

  async removeConversation(id) {
    this.#threads.get(id)?.running?.controller.abort();
    this.#threads.delete(id);
    await store.remove(id);
    if (id === this.conversation.id) {
      this.fresh();
    }

    this.#fire('list');
  }

  static #fresh() {
    const { system, sampling, thinking } = settings;
    const conversation = { id: crypto.randomUUID(), title: '', created: Date.now(), updated: null, leaf: null, system, sampling: { ...sampling }, thinking, choice: 'auto', schema: null };
    return { conversation, messages: [], running: null };
  }

  #show(thread) {
    for (const [id, other] of this.#threads) {
      if (other.running === null) {
        this.#threads.delete(id);
      }
    }

    this.#shown = thread;
    this.#threads.set(thread.conversation.id, thread);
    this.#fire('open');
  }

  async #say(thread, said) {
    const { conversation } = thread;
    const message = { id: crypto.randomUUID(), conversation: conversation.id, created: Date.now(), role: 'user', ...said };
    this.#threads.set(conversation.id, thread);
    conversation.title ||= (said.text.trim() || said.parts?.[0]?.name || text('untitled')).replace(/\s+/g, ' ').slice(0, 60);
    await this.#add(thread, message);
    await this.#answer(thread, message.id);
  }

  async #add(thread, message) {
    thread.messages.push(message);
    thread.conversation.leaf = message.id;
    thread.conversation.updated = Date.now();
    await store.save(thread.conversation);
    await store.saveMessage(message);
    this.#fire('list');
    if (thread === this.#shown) {
      this.#fire('thread');
    }
  }

  async #answer(thread, parent, seed = thread.conversation.sampling.seed, begun = null) {
    if (thread.running !== null) {
      return;
    }

    const { conversation } = thread;
    const message = {
      id: crypto.randomUUID(), conversation: conversation.id, parent, created: Date.now(), role: 'assistant', text: '', thinking: '', finish: null,
      seed: seed ?? crypto.getRandomValues(new Uint32Array(1))[0] >>> 1, ...begun,
    };
    const controller = new AbortController();
    thread.running = { controller, message };
    try {
      await this.#add(thread, message);
      const body = { ...options(conversation, settings), seed: message.seed, messages: await messagesOf(conversation.system, branch(thread.messages, parent)) };
      if (begun !== null) {
        body.messages.push({ role: 'assistant', content: begun.text, ...(begun.thinking ? { reasoning_content: begun.thinking } : {}) });
        body.continue_final_message = true;
      }

      await complete(body, message, () => this.#changed(thread, message), controller.signal);
    } catch (error) {
      message.finish ??= 'broken';
      if (error.name === 'AbortError') {
        message.stopped = true;
      } else {
        message.error = error.message;
      }
    } finally {
      thread.running = null;
      // A conversation that was removed meanwhile stays removed.
      if (this.#threads.get(conversation.id) === thread) {
        await store.saveMessage(message);
      }

      this.#changed(thread, message, true);
      this.#fire('list');
    }

    if (message.calls?.length > 0 && !message.error && !message.stopped) {
      await this.#runScripts(thread, message);
    }
  }

  async #runScripts(thread, message) {
    for (const call of message.calls) {
      const known = settings.functions.find((one) => one.on && one.name === call.name && one.script.trim());
      if (known !== undefined && call.result === undefined) {
        call.result = await run(known.script, call.arguments);
        call.byScript = true;
      }

      const tool = known ?? served().find((one) => one.name === call.name);
      if (tool !== undefined && call.result === undefined) {
        call.result = await callServed(tool, call.arguments || '{}');
        call.byServer = tool.origin;
      }
    }

    await store.saveMessage(message);
    this.#changed(thread, message, true);
    const shown = branch(thread.messages, message.id);
    const rounds = shown.length - shown.findLastIndex((one) => one.role === 'user');
    if (message.calls.every((one) => one.result !== undefined) && rounds <= MOST_ROUNDS) {
      await this.#answer(thread, message.id);
    }
  }

  #changed(thread, message, done = false) {
    if (thread === this.#shown) {
      this.dispatchEvent(new CustomEvent('message', { detail: { message, done } }));
    }
  }

  #fire(name) {
    this.dispatchEvent(new CustomEvent(name));
  }
}
