import { fencedBlocks, firstJson } from '@cogumi/pure';
import type { ToolFacts } from '../procedural/tool-use/check-call.ts';
import type { Extracted } from './extracted.ts';

type Arguments = Record<string, unknown>;

/** Names that models give to the parts of a call: those of OpenAI's API, Llama's, Hermes' and Qwen's templates. */
const NAME_KEYS = ['tool', 'name', 'function', 'tool_name'];
const ARGUMENT_KEYS = ['arguments', 'parameters', 'args', 'input'];

/**
 * The call in an answer: the first JSON object, whatever its keys are called, or a call as programs write it,
 * `buy(item="clock", count=4)`, of one of the offered tools. Texts that differ in case, spacing, punctuation or an article from what is
 * expected are written as expected: BFCL compares texts in this way.
 *
 * @see https://gorilla.cs.berkeley.edu/leaderboard.html (BFCL)
 */
export function extractCall(answer: string, facts: ToolFacts): Extracted | null {
  const found = firstJson(answer);
  const call = found && 'value' in found ? readCall(found.value) : null;
  const written = call ?? readWritten(answer, facts);
  if (written === null) return found ? { text: null, complete: false } : null;
  const spelled = Object.fromEntries(
    Object.entries(written.arguments).map(([name, value]) => {
      const expected = facts.arguments[name];
      const same = typeof value === 'string' && typeof expected === 'string' && plain(value) === plain(expected);
      return [name, same ? expected : value];
    }),
  );
  return { text: JSON.stringify({ tool: written.tool, arguments: spelled }), complete: true };
}

function readCall(value: unknown): { tool: string; arguments: Arguments } | null {
  if (!isObject(value)) return null;
  const wrapped = Array.isArray(value.tool_calls) ? value.tool_calls[0] : value.function;
  if (isObject(wrapped)) return readCall(isObject(wrapped.function) ? wrapped.function : wrapped);
  const tool = NAME_KEYS.map((key) => value[key]).find((name) => typeof name === 'string') as string | undefined;
  const given = ARGUMENT_KEYS.map((key) => value[key]).find((own) => own !== undefined);
  const own = typeof given === 'string' ? parsed(given) : given;
  return tool !== undefined && isObject(own) ? { tool, arguments: own } : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values as programs write them: a text in quotes, or a bare number. */
const VALUE = /^\s*(?:(\w{1,40})\s*[=:]\s*)?(?:"([^"\n]*)"|'([^'\n]*)'|(-?\d{1,15}))\s*(,|\)|$)/;

/** The first call of an offered tool, written as a program writes it: arguments by name, or in the order of the tool's. */
function readWritten(answer: string, { tools }: ToolFacts): { tool: string; arguments: Arguments } | null {
  const text = fencedBlocks(answer)[0]?.text ?? answer;
  const calls = tools.flatMap(({ name, parameters }) => {
    const at = new RegExp(`(?<!\\w|def )${name}\\(`).exec(text)?.index;
    return at === undefined ? [] : [{ at, name, order: Object.keys(parameters) }];
  });
  const [first] = calls.sort((one, other) => one.at - other.at);
  if (!first) return null;
  let rest = text.slice(first.at + first.name.length + 1).slice(0, 500);
  const values: Arguments = {};
  for (let number = 0; number <= first.order.length; number++) {
    const found = VALUE.exec(rest);
    if (!found) return null;
    const [whole, name = first.order[number], double, single, digits, end] = found;
    if (name === undefined) return null;
    values[name] = digits === undefined ? (double ?? single) : Number(digits);
    if (end !== ',') return end === ')' ? { tool: first.name, arguments: values } : null;
    rest = rest.slice(whole.length);
  }
  return null;
}

/** A text without what BFCL leaves out of a comparison, nor an article at its beginning. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/^\s*(?:the|an?)\s/, '')
    .replace(/[ ,./\-_*^]/g, '');
}
