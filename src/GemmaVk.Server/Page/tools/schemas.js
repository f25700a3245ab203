// What is wrong with a schema before a server has seen it, in a sentence; and examples to begin with.

import { text } from '../page/texts.js';

/** A sentence about what is wrong with a JSON schema of an object, or null. */
export function problemOf(source) {
  let schema;
  try {
    schema = JSON.parse(source);
  } catch (error) {
    return text('schemaNoJson', error.message);
  }

  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) {
    return text('schemaNoObject');
  }

  return null;
}

/** A sentence about what is wrong with a function, or null. */
export function problemOfFunction({ name, parameters }, others) {
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)) {
    return text('functionName');
  }

  if (others.some((other) => other.name === name)) {
    return text('functionTwice', name);
  }

  return problemOf(parameters) ?? (JSON.parse(parameters).type === 'object' ? null : text('parametersObject'));
}

export const EXAMPLES = [
  {
    name: 'get_weather', description: 'Get the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    script: 'return { city: args.city, celsius: 21, sky: "clear" };',
  },
  {
    name: 'add', description: 'Add two numbers.',
    parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    script: 'return args.a + args.b;',
  },
];

export const SCHEMAS = {
  schemaPerson: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'], additionalProperties: false },
  schemaList: { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } }, required: ['items'], additionalProperties: false },
  schemaVerdict: { type: 'object', properties: { verdict: { enum: ['yes', 'no', 'unclear'] }, reason: { type: 'string' } }, required: ['verdict', 'reason'], additionalProperties: false },
};
