import type { ChatMessage } from './chat-message.ts';
import type { PromptInfo } from './chat-prompt.ts';
import { chatPrompt } from './chat-prompt.ts';

/** How a model writes calls of functions: `open`, objects of JSON with `between` them, `close`. */
export interface ToolFormat {
  readonly open: string;
  readonly between: string;
  readonly close: string;
  /** The key that holds a function's name, and the one that holds its arguments. */
  readonly nameKey: string;
  readonly argumentsKey: string;
  /** True if the name comes first. */
  readonly nameFirst: boolean;
}

/** Words that no template contains. */
const NAMES = ['cogumi_first', 'cogumi_second'] as const;
const RESULT = 'cogumi-result';
const ARGUMENT = { cogumi_key: 'cogumi_value' };

const TOOLS = NAMES.map((name) => ({ name, description: name, parameters: { type: 'object', properties: {} } }));
const QUESTION: ChatMessage = { role: 'user', content: 'cogumi-question' };
const CALLS = NAMES.map((name, at) => ({ id: `call0000${at}`, name, arguments: JSON.stringify(ARGUMENT) }));

/**
 * How the model's chat template writes calls; null if it does not write functions, calls and results, or writes calls in another form
 * than JSON objects with a name and arguments. It is found by rendering a chat with calls.
 */
export function toolFormat(info: PromptInfo): ToolFormat | null {
  const write = (messages: readonly ChatMessage[], answer: boolean) => {
    try {
      return chatPrompt(info, messages, TOOLS, answer);
    } catch {
      return '';
    }
  };
  const asked = write([QUESTION], true);
  const one: ChatMessage = { role: 'assistant', content: '', toolCalls: CALLS.slice(0, 1) };
  const two: ChatMessage = { ...one, toolCalls: CALLS };
  const result: ChatMessage = { role: 'tool', content: RESULT, toolCallId: 'call00000' };
  const single = write([QUESTION, one], false);
  const answered = write([QUESTION, one, result], true);
  if (!NAMES.every((name) => asked.includes(name)) || !answered.includes(RESULT) || !single.startsWith(asked))
    return null;
  const [call] = objectsIn(single.slice(asked.length));
  if (!call) return null;
  const keys = Object.keys(call.value);
  const nameKey = keys.find((key) => call.value[key] === NAMES[0]);
  const argumentsKey = keys.find((key) => JSON.stringify(call.value[key]) === JSON.stringify(ARGUMENT));
  if (nameKey === undefined || argumentsKey === undefined) return null;
  const [first, second] = objectsIn(write([QUESTION, two], false).slice(asked.length));
  const written = single.slice(asked.length);
  const pair = write([QUESTION, two], false).slice(asked.length);
  return {
    open: written.slice(0, call.start),
    between: first && second ? pair.slice(first.end, second.start) : '',
    close: untilTurnEnds(written.slice(call.end), info),
    nameKey,
    argumentsKey,
    nameFirst: keys.indexOf(nameKey) < keys.indexOf(argumentsKey),
  };
}

/** What follows a call before the turn ends with a control token. */
function untilTurnEnds(text: string, { eosText, controlTexts = [] }: PromptInfo): string {
  const ends = [eosText, ...controlTexts].filter((name) => name !== '').map((name) => text.indexOf(name));
  return text.slice(0, Math.min(text.length, ...ends.filter((at) => at >= 0))).trimEnd();
}

/** Objects of JSON in a text that hold a name of `NAMES`, from the left. */
function objectsIn(text: string): { start: number; end: number; value: Record<string, unknown> }[] {
  const found = [];
  for (const name of NAMES) {
    const at = text.indexOf(`"${name}"`);
    for (
      let start = text.lastIndexOf('{', at);
      at >= 0 && start >= 0;
      start = start === 0 ? -1 : text.lastIndexOf('{', start - 1)
    ) {
      const end = [...text.matchAll(/\}/g)]
        .map(({ index }) => index + 1)
        .find((candidate) => isJson(text.slice(start, candidate)));
      if (end === undefined || end < at) continue;
      found.push({ start, end, value: JSON.parse(text.slice(start, end)) as Record<string, unknown> });
      break;
    }
  }
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
