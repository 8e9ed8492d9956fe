import type { Message, Turn } from '@cogumi/contracts';
import { callsIn, readCalls, writeCalls } from '../chat/calls.ts';
import { mayLearn } from '../chat/may-learn.ts';
import { media, mediaField } from '../chat/media.ts';
import { readContent } from '../chat/read-content.ts';
import { joinReasoning, reasoningIn, separateReasoning } from '../chat/reasoning.ts';
import { type Roles, roleOf } from '../chat/roles.ts';
import { listTools, type Tools } from '../chat/tools.ts';
import { type Fields, isFields, type Mapped, type Rejection, textOf } from './shape.ts';

/** A turn as its record has it. */
export interface ReadTurn extends Message {
  readonly reasoning: string | null;
  /** Whether an answer may be learned. */
  readonly learned: boolean;
  /** Names of the tools that it calls. */
  readonly called: readonly string[];
}

/** Reads turns in the ShareGPT (`from`, `value`) or OpenAI (`role`, `content`) format, even mixed. */
export function readTurns(list: readonly unknown[], roles: Roles): ReadTurn[] | Rejection {
  const turns: ReadTurn[] = [];
  for (const item of list) {
    if (!isFields(item)) return { code: 'other-format', reason: 'has a turn that is not an object' };
    const read = readTurn(item, roles);
    if ('code' in read) return read;
    turns.push(...read);
  }
  return turns;
}

/** Reads one message: a turn, and before it a turn for each tool result that it holds. */
function readTurn(item: Fields, roles: Roles): ReadTurn[] | Rejection {
  const speaker = textOf(item.from ?? item.role);
  const role = roleOf(speaker, roles);
  if (!role) return unknownRole(speaker);
  const image = mediaField(item);
  if (image !== null) return media(`in \`${image}\` of a turn`);
  const content = readContent(item.value ?? item.content ?? item.text ?? item.parts);
  if ('code' in content) return content;
  const { text, results } = content;
  if (role !== 'assistant') {
    const found = results.map((result) => turnOf('tool', result));
    return text === '' && found.length > 0 ? found : [...found, turnOf(role, text)];
  }
  if (results.length > 0) return { code: 'other-format', reason: 'has the result of a tool inside an answer' };
  const learned = mayLearn(item);
  if (typeof learned !== 'boolean') return learned;
  const given = readCalls(item);
  if ('code' in given) return given;
  const calls = [...content.calls, ...given];
  const separate = separateReasoning(text);
  const said = [separate.text, calls.length > 0 ? writeCalls(calls) : ''].filter((part) => part.trim() !== '');
  const called = speaker.toLowerCase() === 'function_call' ? [...calls, ...callsIn(text)] : calls;
  return [
    {
      role,
      content: said.join('\n'),
      reasoning: joinReasoning([reasoningIn(item), ...content.reasoning, separate.reasoning]),
      learned,
      called: called.map(({ name }) => name),
    },
  ];
}

function turnOf(role: Message['role'], content: string): ReadTurn {
  return { role, content, reasoning: null, learned: true, called: [] };
}

function unknownRole(speaker: string): Rejection {
  if (speaker.trim() === '') return { code: 'other-format', reason: 'has a turn without a role' };
  const name = speaker.trim().slice(0, 40);
  const setting = `roles: { ${/^\w+$/.test(name) ? name : JSON.stringify(name)}: tool }`;
  return {
    code: 'unknown-role',
    reason: `has a turn by the unknown role "${name}"; \`${setting}\` on the source would read it as a tool`,
    hint: `To read the role "${name}", set \`${setting}\` on the source or \`--set import.roles.${name}=tool\` (or system, user, assistant).`,
  };
}

/** A turn in the form that rows hold. */
export function rowTurn({ role, content, reasoning, learned }: ReadTurn): Turn {
  return { role, content, ...(!learned && { train: false as const }), ...(reasoning !== null && { reasoning }) };
}

/**
 * Turns a conversation into one row: the last answer that may be learned, the last question before it, the turns before as
 * history and the turns between as steps. Turns after it (a tool's result, an unanswered question, an answer not to be learned)
 * and answers before the first question are left out.
 *
 * @param tools - Added to the system prompt.
 */
export function fromTurns(given: readonly ReadTurn[], tools: Tools = []): Mapped | Rejection {
  const turns = joinAnswers(given);
  const asked = turns.findIndex(({ role, content }) => role === 'user' && content.trim() !== '');
  if (asked === -1) return { code: 'no-question', reason: 'has no question' };
  const answers = turns.slice(asked).filter(({ role }) => role === 'assistant');
  if (answers.length === 0) return { code: 'no-answer', reason: 'has no answer that follows a question' };
  const last = turns.findLastIndex(({ role, learned }, at) => role === 'assistant' && learned && at > asked);
  if (last === -1) return { code: 'not-learnable', reason: 'has no answer that may be learned' };
  const answer = turns[last] as ReadTurn;
  const place = turns.findLastIndex(({ role }, at) => role === 'user' && at < last);
  const before = turns.slice(0, place);
  const steps = turns.slice(place + 1, last);
  const unlisted = findUnlisted([...before, ...steps, answer], tools);
  if (unlisted) return unlisted;
  const first = before.findIndex(({ role }) => role === 'user');
  const opening = (first === -1 ? before : before.slice(0, first)).filter(({ role }) => role === 'system');
  const system = [...opening.map(({ content }) => content), listTools(tools)].filter((text) => text.trim() !== '');
  return {
    history: [...systemTurn(system.join('\n\n')), ...(first === -1 ? [] : before.slice(first).map(rowTurn))],
    question: (turns[place] as ReadTurn).content,
    ...(steps.length > 0 && { steps: steps.map(rowTurn) }),
    answer: answer.content,
    reasoning: answer.reasoning,
  };
}

/** Answers that follow each other are one, such as a text and the call after it: chat templates alternate the roles. */
function joinAnswers(turns: readonly ReadTurn[]): ReadTurn[] {
  const joined: ReadTurn[] = [];
  for (const turn of turns) {
    const before = joined.at(-1);
    if (!before || turn.role !== 'assistant' || before.role !== 'assistant' || before.learned !== turn.learned) {
      joined.push(turn);
      continue;
    }
    joined[joined.length - 1] = {
      ...turn,
      content: [before.content, turn.content].filter((text) => text.trim() !== '').join('\n'),
      reasoning: joinReasoning([before.reasoning, turn.reasoning]),
      called: [...before.called, ...turn.called],
    };
  }
  return joined;
}

/** A learned call of a tool that the chat does not have would teach to invent tools. Chats that list no tools are not checked. */
function findUnlisted(turns: readonly ReadTurn[], tools: Tools): Rejection | null {
  if (tools.length === 0) return null;
  const names = new Set(tools.map(([name]) => name));
  const unlisted = turns.flatMap(({ learned, called }) => (learned ? called : [])).find((name) => !names.has(name));
  if (unlisted === undefined) return null;
  const listed = [...names].slice(0, 10).join(', ');
  return { code: 'unlisted-call', reason: `calls ${unlisted.slice(0, 60)}, which is none of its tools (${listed})` };
}

/** A system prompt as a turn; no turn if it is blank. */
export function systemTurn(content: string): Turn[] {
  return content.trim() === '' ? [] : [{ role: 'system', content }];
}
