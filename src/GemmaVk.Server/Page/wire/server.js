// One way to the server: addresses are relative to the page, errors are sentences, a key is asked for once.

import { line } from '../page/dialog.js';
import { text } from '../page/texts.js';

const KEY = 'gemmavk-key';

/** An answer of the server that is no success: its sentence, HTTP status and, of a 400, the field it is about. */
export class ServerError extends Error {
  constructor(message, status, param = null) {
    super(message);
    this.status = status;
    this.param = param;
  }
}

/** Sends a request; throws a ServerError, with `message` from the server where it sent one. Asks for the key after a 401. */
export async function request(path, options = {}) {
  for (let tries = 0; ; tries += 1) {
    const key = sessionStorage.getItem(KEY);
    const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
    let response;
    try {
      response = await fetch(path, { ...options, headers });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new ServerError(text('unreachable'), 0);
    }

    if (response.ok) {
      return response;
    }

    if (response.status === 401 && tries === 0) {
      const given = await line(text('keyWanted'), '', 'password');
      if (given) {
        sessionStorage.setItem(KEY, given);
        continue;
      }
    }

    throw await errorOf(response);
  }
}

/** Posts JSON. */
export function post(path, body, signal = undefined) {
  return request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal });
}

/** Gets JSON. */
export async function get(path, signal = undefined) {
  return (await request(path, { signal })).json();
}

async function errorOf(response) {
  const body = await response.text();
  let error;
  let outgoing;
  try {
    ({ error, outgoing } = JSON.parse(body));
  } catch {
    error = null;
  }

  const wait = response.headers.get('Retry-After');
  const message = error?.message ?? text('serverSaid', response.status, body.slice(0, 200));
  const shown = new ServerError(wait ? `${message} ${text('tryIn', wait)}` : message, response.status, error?.param ?? null);
  shown.outgoing = outgoing;
  return shown;
}
