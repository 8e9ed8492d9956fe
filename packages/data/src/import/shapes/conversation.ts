import type { Message } from '@cogumi/contracts';
import { isTooDeep } from '@cogumi/pure';
import { type Fields, isFields, type Mapped, type Rejection, textOf } from './shape.ts';

/** Speaker names used by datasets. */
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

/** Reads turns in the ShareGPT (`from`, `value`) or OpenAI (`role`, `content`) format, even mixed. */
export function readTurns(list: readonly unknown[]): Message[] | Rejection {
  const turns: Message[] = [];
  for (const item of list) {
    if (!isFields(item)) return { code: 'other-format', reason: 'has a turn that is not an object' };
    const who = textOf(item.from ?? item.role);
    const role = Object.hasOwn(ROLES, who) ? ROLES[who] : undefined;
    if (!role) return { code: 'other-format', reason: `has a turn by "${who.slice(0, 40)}"` };
    turns.push({ role, content: contentOf(item) });
  }
  return turns;
}

/** The text of a turn, joined from its parts; without text its tool calls as JSON `{"name", "arguments"}`, as ShareGPT writes them. */
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

/** The value of a JSON text. Text that is not JSON, or nested too deep to be written again, stays text. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? text : value;
  } catch {
    return text;
  }
}

/**
 * Turns a conversation into one row: the last answer that directly follows a user turn, that turn as the question, and the
 * turns before as history. Turns after it (a tool's result and the reply to it, an unanswered question) and answers before
 * the first question are left out.
 *
 * @param tools - Tool descriptions, as JSON text or value; they are added to the system prompt.
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

/** A system prompt as a turn; no turn if it is blank. */
export function systemTurn(content: string): Message[] {
  return content.trim() === '' ? [] : [{ role: 'system', content }];
}

function listing(tools: unknown): string {
  const text =
    typeof tools === 'string' ? tools : Array.isArray(tools) && tools.length > 0 ? JSON.stringify(tools) : '';
  return text.trim() === '' || text.trim() === '[]' ? '' : `You have these tools: ${text}`;
}
