import type { Message } from '@cogumi/contracts';
import { isTooDeep } from '@cogumi/pure';
import { type Fields, isFields, type Mapped, type Rejection, textOf } from './shape.ts';

/** Names that sets give to who speaks. */
const ROLES: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  human: 'user',
  user: 'user',
  prompter: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  model: 'assistant',
  function_call: 'assistant',
  tool: 'tool',
  observation: 'tool',
  function: 'tool',
  function_response: 'tool',
};

/** Turns of a list as ShareGPT (`from`, `value`) or OpenAI (`role`, `content`) write them, even mixed. */
export function readTurns(list: readonly unknown[]): Message[] | Rejection {
  const turns: Message[] = [];
  for (const item of list) {
    if (!isFields(item)) return { code: 'other-form', reason: 'has a turn that is no object' };
    const who = textOf(item.from ?? item.role);
    const role = Object.hasOwn(ROLES, who) ? ROLES[who] : undefined;
    if (!role) return { code: 'other-form', reason: `has a turn by "${who.slice(0, 40)}"` };
    turns.push({ role, content: contentOf(item) });
  }
  return turns;
}

/** Text, parts of text, or the calls of tools as JSON `{"name", "arguments"}`, as ShareGPT writes them. */
function contentOf({ value, content, tool_calls: calls }: Fields): string {
  const text = value ?? content;
  if (Array.isArray(text)) return text.map((part) => (isFields(part) ? textOf(part.text) : textOf(part))).join('');
  if (textOf(text) !== '' || !Array.isArray(calls)) return textOf(text);
  const written = calls.map((call: unknown) => {
    const { name, arguments: given } = ((call as Fields | null)?.function ?? {}) as Fields;
    return JSON.stringify({ name, arguments: typeof given === 'string' ? parsed(given) : given });
  });
  return written.length === 1 ? (written[0] as string) : `[${written.join(', ')}]`;
}

/** The value of a JSON text; what is no JSON, or nested too deep to be written again, stays text. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? text : value;
  } catch {
    return text;
  }
}

/**
 * A conversation as one row: the last answer that follows a user's turn, that turn, and everything before. What comes
 * after it (a call's result and what was made of it, a question nobody answered) is left off, as are answers before the
 * first question.
 *
 * @param tools - Descriptions of tools, as JSON text or value; they are put before the conversation.
 */
export function fromTurns(turns: readonly Message[], tools?: unknown): Mapped | Rejection {
  const last = turns.findLastIndex(({ role }, at) => role === 'assistant' && turns[at - 1]?.role === 'user');
  if (last === -1) {
    const asked = turns.some(({ role, content }) => role === 'user' && content.trim() !== '');
    return asked
      ? { code: 'no-answer', reason: 'has no answer that follows a question' }
      : { code: 'no-question', reason: 'has no question' };
  }
  const before = turns.slice(0, last - 1);
  const first = before.findIndex(({ role }) => role === 'user');
  const opening = (first === -1 ? before : before.slice(0, first)).filter(({ role }) => role === 'system');
  const system = [...opening.map(({ content }) => content), listing(tools)].filter((text) => text.trim() !== '');
  return {
    history: [...systemTurn(system.join('\n\n')), ...(first === -1 ? [] : before.slice(first))],
    question: (turns[last - 1] as Message).content,
    answer: (turns[last] as Message).content,
  };
}

/** Instructions as the turn they are, or none. */
export function systemTurn(content: string): Message[] {
  return content.trim() === '' ? [] : [{ role: 'system', content }];
}

function listing(tools: unknown): string {
  const text =
    typeof tools === 'string' ? tools : Array.isArray(tools) && tools.length > 0 ? JSON.stringify(tools) : '';
  return text.trim() === '' || text.trim() === '[]' ? '' : `You have these tools: ${text}`;
}
