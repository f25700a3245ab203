// A conversation is a tree: an edited or repeated message is a brother of the first. What is shown is one branch of it.

/** Messages from the first to `leaf`. */
export function branch(messages, leaf) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const found = [];
  for (let message = byId.get(leaf); message !== undefined; message = byId.get(message.parent)) {
    found.unshift(message);
  }

  return found;
}

/** A message and its brothers, oldest first. */
export function brothers(messages, message) {
  return messages.filter((other) => other.parent === message.parent && other.role === message.role).sort((a, b) => a.created - b.created);
}

/** The newest end below a message. */
export function newestLeaf(messages, id) {
  for (;;) {
    const children = messages.filter((message) => message.parent === id);
    if (children.length === 0) {
      return id;
    }

    id = children.reduce((a, b) => (b.created >= a.created ? b : a)).id;
  }
}

/** A message and all that follows from it, in every branch. */
export function below(messages, id) {
  const found = new Set([id]);
  for (let grew = true; grew;) {
    const size = found.size;
    messages.filter((message) => found.has(message.parent)).forEach((message) => found.add(message.id));
    grew = found.size > size;
  }

  return [...found];
}
