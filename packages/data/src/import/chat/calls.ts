import { isTooDeep, parseExactJson } from '@cogumi/pure';
import { type Fields, isFields, type Rejection, textOf } from '../shapes/shape.ts';

/** A call of a tool. */
export interface Call {
  readonly name: string;
  readonly arguments: unknown;
}

/** Reads the calls of a turn: `tool_calls`, or the one `function_call` of OpenAI's older format; both also as JSON text. */
export function readCalls({ tool_calls: calls, function_call: call }: Fields): Call[] | Rejection {
  const read: Call[] = [];
  for (const given of [listOf(calls), listOf(call)].flat()) {
    const one = readCall(given);
    if ('code' in one) return one;
    read.push(one);
  }
  return read;
}

/** Reads one call in the form of OpenAI, Anthropic (`input`), LangChain (`args`) or Gemini (`functionCall`). */
export function readCall(given: unknown): Call | Rejection {
  const outer = isFields(given) ? given : {};
  const inner = [outer.function, outer.functionCall, outer.function_call].find(isFields) ?? outer;
  const name = textOf(inner.name ?? outer.name ?? outer.toolName ?? outer.function).trim();
  if (name === '') return { code: 'bad-call', reason: `has a call without the name of a tool: ${shortOf(given)}` };
  const values = inner.arguments ?? inner.input ?? inner.args ?? inner.parameters;
  if (values === undefined || values === null) return { name, arguments: {} };
  if (typeof values !== 'string') return { name, arguments: values };
  return { name, arguments: values.trim() === '' ? {} : parseText(values) };
}

/** Calls as ShareGPT writes them: one as `{"name", "arguments"}`, several as a list of these. */
export function writeCalls(calls: readonly Call[]): string {
  const written = calls.map(({ name, arguments: values }) => JSON.stringify({ name, arguments: values }));
  return written.length === 1 ? (written[0] as string) : `[${written.join(', ')}]`;
}

/** Calls in a turn that is nothing but their JSON text, as ShareGPT's `function_call` turns are; none in any other text. */
export function callsIn(text: string): Call[] {
  if (!/^\s*[[{]/.test(text)) return [];
  const read = listOf(parseText(text.trim())).map(readCall);
  return read.filter((call): call is Call => !('code' in call));
}

function listOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const parsed = typeof value === 'string' ? parseText(value.trim()) : value;
  if (parsed === '' || parsed === null) return [];
  return Array.isArray(parsed) ? parsed : [parsed];
}

/** The value of a JSON text. Text that is not JSON, or nested too deep to be written again, stays text. */
function parseText(text: string): unknown {
  try {
    const value = parseExactJson(text);
    return isTooDeep(value) ? text : value;
  } catch {
    return text;
  }
}

function shortOf(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 80);
}
