import { type Fields, isFields, type Rejection, textOf } from '../shapes/shape.ts';
import { type Call, readCall } from './calls.ts';
import { media, mediaOfPart } from './media.ts';
import { textIn } from './reasoning.ts';

/** What a message holds: its text, and parts of other kinds in their order. */
export interface Content {
  readonly text: string;
  readonly reasoning: readonly string[];
  readonly calls: readonly Call[];
  /** Results of tools, which Anthropic sends in a turn of the user. */
  readonly results: readonly string[];
}

/** Reads the content of a message: a text, or a list of parts as OpenAI, Anthropic, Gemini, Mistral and others write them. */
export function readContent(content: unknown): Content | Rejection {
  const parts = Array.isArray(content) ? (content as unknown[]) : [content];
  const read = { text: '', reasoning: [] as string[], calls: [] as Call[], results: [] as string[] };
  for (const part of parts) {
    if (!isFields(part)) {
      if (Array.isArray(part)) return noText('a list inside a list');
      read.text += textOf(part);
      continue;
    }
    const fault = addPart(read, part);
    if (fault) return fault;
  }
  return read;
}

/** Adds a part to what was read, or says why it cannot be read. */
function addPart(
  read: { text: string; reasoning: string[]; calls: Call[]; results: string[] },
  part: Fields,
): Rejection | null {
  const type = textOf(part.type).toLowerCase().replaceAll('-', '_');
  if (/^(tool_use|tool_call|function_call|server_tool_use)$/.test(type) || isFields(part.functionCall)) {
    const call = readCall(part);
    if ('code' in call) return call;
    read.calls.push(call);
    return null;
  }
  if (/(tool_result|function_call_output|function_response)$/.test(type) || isFields(part.functionResponse)) {
    const result = isFields(part.functionResponse)
      ? part.functionResponse.response
      : (part.content ?? part.output ?? part.result);
    const inner = isPlain(result) ? { text: JSON.stringify(result) } : readContent(result);
    if ('code' in inner) return inner;
    read.results.push(inner.text);
    return null;
  }
  const image = mediaOfPart(part);
  if (image !== null) return media(image);
  if (/^(thinking|reasoning|thought|redacted_thinking)$/.test(type) || part.thought === true) {
    read.reasoning.push(textIn(part));
    return null;
  }
  const text = part.text ?? part.content ?? part.refusal ?? part.value ?? part.parts;
  if (isFields(text) || Array.isArray(text)) {
    const inner = readContent(text);
    if ('code' in inner) return inner;
    read.text += inner.text;
    return null;
  }
  if (text === undefined && Object.values(part).some((value) => value !== null && value !== part.type))
    return noText(
      type === '' ? `fields ${Object.keys(part).slice(0, 10).join(', ')}` : `the type "${type.slice(0, 40)}"`,
    );
  read.text += textOf(text);
  return null;
}

/** An object that is a value, such as the result of a tool, and no part of a message. */
function isPlain(value: unknown): boolean {
  return isFields(value) && value.type === undefined && value.text === undefined;
}

function noText(what: string): Rejection {
  return { code: 'other-format', reason: `has a message with a part that is no text: ${what}` };
}
