import { fromTurns, readTurns } from './conversation.ts';
import { type Fields, idOf, isFields, type Mapped, type Rejection, type Shape } from './shape.ts';

/** ShareGPT: turns with `from` and `value`; tools in a separate field (as LLaMA-Factory keeps Glaive). */
export const sharegpt: Shape = {
  name: 'sharegpt',
  fields: 'conversations: [{from, value}], tools?, chosen?',
  fits: ({ conversations }) => isChat(conversations),
  map: (record) => fromChat(record.conversations, record),
};

/** OpenAI chats: turns with `role` and `content`, tool calls in `tool_calls`. */
export const messages: Shape = {
  name: 'messages',
  fields: 'messages: [{role, content}], tools?, label?',
  fits: (record) => isChat(record.messages),
  map: (record) => fromChat(record.messages, record),
};

function isChat(list: unknown): boolean {
  return Array.isArray(list) && list.every(isFields);
}

function fromChat(list: unknown, { id, uuid, prompt_id, system, tools, chosen, label }: Fields): Mapped | Rejection {
  if (label === false) return { code: 'bad-answer', reason: 'is labelled as a bad answer' };
  const opening = typeof system === 'string' ? [{ role: 'system', content: system }] : [];
  // In preference data the chosen answer ends the conversation.
  const turns = readTurns([...opening, ...(list as unknown[]), ...(isFields(chosen) ? [chosen] : [])]);
  if ('code' in turns) return turns;
  const mapped = fromTurns(turns, tools);
  return 'code' in mapped ? mapped : { ...mapped, id: idOf(id ?? uuid ?? prompt_id) };
}
