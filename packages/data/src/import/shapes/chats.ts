import { mayLearnTurns } from '../chat/may-learn.ts';
import { type Roles, roleOf } from '../chat/roles.ts';
import { readTools } from '../chat/tools.ts';
import { isMissing } from '../missing.ts';
import { fromTurns, readTurns } from './conversation.ts';
import { type Fields, idOf, isFields, type Mapped, optionalText, type Rejection, type Shape } from './shape.ts';
import { isTurnList, turnList } from './turn-list.ts';

/** ShareGPT: turns with `from` and `value`; tools in a separate field (as LLaMA-Factory keeps Glaive). */
export const sharegpt: Shape = {
  name: 'sharegpt',
  fields: 'conversations: [{from, value}], tools?, system?, chosen?',
  fits: ({ conversations }) => isTurnList(conversations),
  map: (record, roles) => readChat('conversations', record, roles),
};

/** OpenAI chats: turns with `role` and `content`, tool calls in `tool_calls`. */
export const messages: Shape = {
  name: 'messages',
  fields: 'messages: [{role, content}], tools?, label?',
  fits: (record) => isTurnList(record.messages),
  map: (record, roles) => readChat('messages', record, roles),
};

const CHATS: readonly Shape[] = [sharegpt, messages];

/** The shape that reads a record of a source: a source of chats may hold both formats, as no other source may. */
export function shapeOf(record: Fields, shape: Shape): Shape | undefined {
  const others = CHATS.includes(shape) ? CHATS : [];
  return [shape, ...others].find(({ fits }) => fits(record));
}

function readChat(field: string, record: Fields, roles: Roles): Mapped | Rejection {
  const turns = turnList(record[field], field);
  return 'code' in turns ? turns : fromChat(turns, record, roles);
}

/** Turns a chat into a row. @param record - Holds what belongs to the whole chat: system prompt, tools, weights, id. */
export function fromChat(items: readonly Fields[], record: Fields, roles: Roles): Mapped | Rejection {
  const { id, uuid, system, chosen, label } = record;
  if (label === false) return { code: 'bad-answer', reason: 'is labelled as a bad answer' };
  const marked = markLearned(items, record, roles);
  if ('code' in marked) return marked;
  const prompt = optionalText(system);
  const opening = prompt === '' ? [] : [{ role: 'system', content: prompt }];
  // In preference data the chosen answer ends the conversation.
  const turns = readTurns([...opening, ...marked, ...(isFields(chosen) ? [chosen] : [])], roles);
  if ('code' in turns) return turns;
  const tools = readTools([record, ...items].flatMap((fields) => [fields.tools, fields.functions]).filter(isPresent));
  if ('code' in tools) return tools;
  const mapped = fromTurns(turns, tools);
  return 'code' in mapped ? mapped : { ...mapped, id: idOf(id ?? uuid) };
}

function isPresent(value: unknown): boolean {
  return typeof value !== 'string' || !isMissing(value);
}

/** Gives each turn what the record says about learning it; NeMo's `mask` names the speaker who is not learned. */
function markLearned(items: readonly Fields[], record: Fields, roles: Roles): readonly Fields[] | Rejection {
  const learned = mayLearnTurns(record, items.length);
  if ('code' in learned) return learned;
  const masked = typeof record.mask === 'string' && roleOf(record.mask, roles) === 'assistant';
  return items.map((item, at) => (masked || !learned[at] ? { ...item, train: false } : item));
}
