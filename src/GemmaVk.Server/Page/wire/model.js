// The one model a server has, asked for once.

import { get } from './server.js';

let asked;

/** The model's name as requests give it. */
export function modelName() {
  asked ??= get('v1/models').then((models) => models.data[0].id);
  asked.catch(() => {
    asked = undefined;
  });
  return asked;
}
