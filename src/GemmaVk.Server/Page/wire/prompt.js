// A branch of a conversation as the messages of a request.

import { offered } from '../tools/served.js';

/** A blob as base64, without the head of a data URI. */
export function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** A blob as a data URI. */
export async function dataUri(blob) {
  return `data:${blob.type || 'application/octet-stream'};base64,${await base64(blob)}`;
}

// The model was trained with pictures and clips before the words and sounds after them.
async function parts(message) {
  const before = [];
  const after = [];
  for (const part of message.parts ?? []) {
    if (part.kind === 'image') {
      before.push({ type: 'image_url', image_url: { url: await dataUri(part.blob), ...part.wish } });
    } else if (part.kind === 'video') {
      before.push({ type: 'video_url', video_url: { url: await dataUri(part.blob), ...part.wish } });
    } else if (part.kind === 'document') {
      before.push({ type: 'file', file: { filename: part.name, file_data: await dataUri(part.blob) } });
    } else {
      after.push({ type: 'input_audio', input_audio: { data: await base64(part.blob), format: part.blob.type.includes('wav') ? 'wav' : formatOf(part) } });
    }
  }

  if (before.length + after.length === 0) {
    return message.text;
  }

  return [...before, ...(message.text ? [{ type: 'text', text: message.text }] : []), ...after];
}

function formatOf(part) {
  return /\.(\w+)$/.exec(part.name)?.[1]?.toLowerCase() ?? 'wav';
}

/** The messages of a request: the system prompt, then each message of the branch. */
export async function messagesOf(system, branch) {
  const messages = system.trim() ? [{ role: 'system', content: system }] : [];
  for (const message of branch) {
    if (message.role === 'user') {
      messages.push({ role: 'user', content: await parts(message) });
    } else if (message.role === 'assistant') {
      const calls = (message.calls ?? []).map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }));
      messages.push({
        role: 'assistant',
        content: message.text || (calls.length > 0 ? null : ''),
        // Thoughts of a turn with calls belong to the conversation; of other turns the model wants none back.
        ...(calls.length > 0 ? { tool_calls: calls, ...(message.thinking ? { reasoning_content: message.thinking } : {}) } : {}),
      });
      for (const call of message.calls ?? []) {
        if (call.result !== undefined) {
          messages.push({ role: 'tool', tool_call_id: call.id, content: call.result });
        }
      }
    }
  }

  return messages;
}

/** The fields of a request that a conversation's settings say. */
export function options(conversation, settings) {
  const body = { ...conversation.sampling, chat_template_kwargs: { enable_thinking: conversation.thinking ?? settings.thinking } };
  const functions = settings.functions.filter((one) => one.on).map((one) => ({ ...one, parameters: JSON.parse(one.parameters) }));
  functions.push(...offered().filter((tool) => !functions.some((one) => one.name === tool.name)));
  if (functions.length > 0) {
    body.tools = functions.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters, strict: true } }));
    const choice = conversation.choice ?? 'auto';
    body.tool_choice = ['auto', 'none', 'required'].includes(choice) ? choice : { type: 'function', function: { name: choice } };
  }

  if (conversation.schema?.on) {
    body.response_format = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: JSON.parse(conversation.schema.text) } };
  }

  if (settings.tokens) {
    body.return_tokens = true;
    body.logprobs = true;
    body.top_logprobs = 5;
  }

  return body;
}
