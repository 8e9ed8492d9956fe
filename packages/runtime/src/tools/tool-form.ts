import { CogumiError } from '@cogumi/contracts';
import {
  type ChatMessage,
  type GeneratePiece,
  type ModelInfo,
  type ToolDefinition,
  type ToolFormat,
  toolFormat,
} from '@cogumi/llama';
import { choice, type Language, type Node, writeGrammar } from '../format/gbnf.ts';
import { callLanguage } from './call-language.ts';
import { type CallPiece, CallReader } from './call-reader.ts';
import { stateTools } from './state-tools.ts';
import { STATED_FORMAT, type ToolUse } from './tool-use.ts';

export interface Chat {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
}

/** How a request's functions are told to a model, and how its calls are read. */
export interface ToolForm {
  readonly format: ToolFormat;
  chat(messages: readonly ChatMessage[]): Chat;
  read(pieces: AsyncGenerator<GeneratePiece>): AsyncGenerator<GeneratePiece | CallPiece>;
}

/** Formats by chat template: finding one renders several chats. */
const formats = new Map<string, ToolFormat | null>();

function formatOf(info: ModelInfo): ToolFormat | null {
  const template = info.chatTemplate ?? '';
  let format = formats.get(template);
  if (format === undefined) {
    format = toolFormat(info);
    formats.set(template, format);
  }
  return format;
}

/** The form of the model's own template if it knows functions, otherwise one that the system's text states. */
export function toolForm(info: ModelInfo, { tools }: ToolUse): ToolForm {
  const own = formatOf(info);
  const format = own ?? STATED_FORMAT;
  const definitions = tools.map(({ arguments: _, ...definition }) => definition);
  const names = tools.map(({ name }) => name);
  return {
    format,
    chat: (messages) => writeChat(info, messages, definitions, own !== null),
    read: (pieces) => readCalls(pieces, new CallReader(format, names, info.controlTexts)),
  };
}

/** A chat without functions, whose earlier turns may have calls. */
export function chatWithCalls(info: ModelInfo, messages: readonly ChatMessage[]): Chat {
  const plain = messages.every(({ role, toolCalls }) => role !== 'tool' && toolCalls === undefined);
  return plain ? { messages, tools: [] } : writeChat(info, messages, [], formatOf(info) !== null);
}

function writeChat(
  info: ModelInfo,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
  own: boolean,
): Chat {
  if (!own) return { messages: stateTools(messages, tools), tools: [] };
  // The template writes these as they are, so a control token in them would be one.
  const written = JSON.stringify([tools, messages.map(({ toolCalls, toolCallId }) => [toolCalls, toolCallId])]);
  const control = info.controlTexts.find((name) => written.includes(name));
  if (control === undefined) return { messages, tools };
  throw new CogumiError(
    'TOOL_TEXT',
    `A function or a call contains ${JSON.stringify(control)}, which is a control token of this model.`,
    'Write it in another way.',
  );
}

async function* readCalls(
  pieces: AsyncGenerator<GeneratePiece>,
  reader: CallReader,
): AsyncGenerator<GeneratePiece | CallPiece> {
  for await (const piece of pieces) {
    if (piece.kind === 'end') {
      for (const part of reader.end()) yield part.kind === 'text' ? { ...part, ids: [], logprobs: [] } : part;
      yield piece;
      continue;
    }
    const parts = reader.push(piece.text);
    // Tokens of calls are reported as well, beside no text.
    const first = parts[0]?.kind === 'text' ? parts.shift() : undefined;
    const text = first?.kind === 'text' ? first.text : '';
    if (text !== '' || (piece.tokens?.length ?? 0) > 0) yield { ...piece, text };
    for (const part of parts) yield part.kind === 'text' ? { ...part, ids: [], logprobs: [] } : part;
  }
}

/** What an answer has to match; undefined: any text. Calls are written in the form of the model, so only it can tell. */
export function answerGrammar(
  format: Language | undefined,
  use: ToolUse | undefined,
  form: ToolForm | undefined,
): string | undefined {
  if (!use || !form) return format && writeGrammar(format);
  if (use.choice === 'auto' && !format) return undefined;
  const calls = callLanguage(use, form.format);
  if (use.choice === 'required' || !format) return writeGrammar(calls);
  return writeGrammar({
    root: choice([format.root, calls.root]) as Node,
    rules: new Map([...format.rules, ...calls.rules]),
  });
}
