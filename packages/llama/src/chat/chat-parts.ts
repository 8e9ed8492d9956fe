import type { ModelInfo } from '../types/model.ts';
import type { ChatMessage, ToolDefinition } from './chat-message.ts';
import { chatPrompt } from './chat-prompt.ts';

/** A part of a prompt. `special`: true if names of control tokens in it are tokens; false if they are plain text. */
export interface PromptPart {
  readonly text: string;
  readonly special: boolean;
}

/** Position of a control token's name in UTF-16 units; `end` is exclusive. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * The prompt of `chatPrompt` in parts that are tokenized one by one, so that no message can forge a control token: a user
 * who writes `<|im_end|>` has written text and has not ended a turn. If no message contains the name of a control token,
 * the result is one part, and its tokens are exactly those of `chatPrompt`.
 *
 * The time grows with the length: about 40 ms for a megabyte (measured), besides the template's own.
 *
 * @param prompt - What `chatPrompt` gives for the messages and tools, if it is known.
 * @param tools - They and the calls of earlier turns must not hold names of control tokens: only contents are kept from producing them.
 *
 * Some control tokens strip the spaces that follow (`RSTRIP`, Phi-3). A part that starts after such a token keeps them.
 */
export function chatParts(
  info: Pick<ModelInfo, 'chatTemplate' | 'bosText' | 'eosText' | 'controlTexts'>,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[] = [],
  prompt = chatPrompt(info, messages, tools),
): PromptPart[] {
  const { text, fromMessages } = unmask(chatPrompt(info, messages.map(mask), tools));
  const found = findMarks(prompt, info.controlTexts);
  const templateMarks = findMarks(text, info.controlTexts, fromMessages);
  // A template may edit messages (for example remove thoughts). Then positions differ, and only the order of names counts.
  const samePlaces = text === prompt;
  const clean =
    found.length === templateMarks.length &&
    templateMarks.every(
      ({ start, name }, at) => found[at]?.name === name && (!samePlaces || found[at]?.start === start),
    );
  return clean ? [{ text: prompt, special: true }] : splitParts(text, templateMarks, info.controlTexts);
}

/** Splits the prompt: text between two of the template's marks that contains the name of a control token becomes a part. */
function splitParts(text: string, templateMarks: readonly Mark[], names: readonly string[]): PromptPart[] {
  const parts: PromptPart[] = [];
  let from = 0;
  let at = 0;
  for (const { start, end } of [...templateMarks, { start: text.length, end: text.length }]) {
    const between = text.slice(at, start);
    if (findMarks(between, names).length > 0) {
      if (at > from) parts.push({ text: text.slice(from, at), special: true });
      parts.push({ text: between, special: false });
      from = start;
    }
    at = end;
  }
  if (text.length > from) parts.push({ text: text.slice(from), special: true });
  return parts;
}

/** Finds names as llama.cpp does: longest name first, each from the left, without overlaps. Skips units set in `fromMessages`. */
function findMarks(text: string, names: readonly string[], fromMessages?: Uint8Array): Mark[] {
  const taken = fromMessages?.slice() ?? new Uint8Array(text.length);
  const marks: Mark[] = [];
  for (const name of names) {
    for (let start = text.indexOf(name); start >= 0; ) {
      const end = start + name.length;
      const free = isFree(taken, start, end);
      if (free) {
        taken.fill(1, start, end);
        marks.push({ start, end, name });
      }
      start = text.indexOf(name, free ? end : start + 1);
    }
  }
  return marks.sort((one, other) => one.start - other.start);
}

function isFree(taken: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (taken[at] === 1) return false;
  return true;
}

/**
 * The code points of a private-use plane (U+F0000 to U+FFFFF), which no template writes, stand for the UTF-16 units of messages.
 * They are written in two units: one of 64 from `HIGH` with the upper 6 bits, and one from `LOW` with the lower 10.
 */
const HIGH = 0xdb80;
const LOW = 0xdc00;
/** What `\s` matches above U+007F. */
const SPACES = new Set(
  '\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'.split('').map((space) => space.charCodeAt(0)),
);

/** Replaces every character of a message, so that no template can react to it. Spaces stay, because templates trim. */
function mask(message: ChatMessage): ChatMessage {
  const { content } = message;
  const units = new Uint16Array(2 * content.length);
  let length = 0;
  for (let at = 0; at < content.length; at++) {
    const unit = content.charCodeAt(at);
    if (isSpace(unit)) units[length++] = unit;
    else {
      units[length++] = HIGH + (unit >> 10);
      units[length++] = LOW + (unit & 0x3ff);
    }
  }
  return { ...message, content: textOf(units, length) };
}

/** Restores the text. `fromMessages` has a 1 for each unit that comes from a message. */
function unmask(masked: string): { text: string; fromMessages: Uint8Array } {
  const units = new Uint16Array(masked.length);
  const fromMessages = new Uint8Array(masked.length);
  let length = 0;
  for (let at = 0; at < masked.length; at++) {
    const unit = masked.charCodeAt(at);
    if (unit >= HIGH && unit < HIGH + 64) {
      fromMessages[length] = 1;
      units[length++] = ((unit - HIGH) << 10) | (masked.charCodeAt(++at) - LOW);
    } else units[length++] = unit;
  }
  return { text: textOf(units, length), fromMessages: fromMessages.subarray(0, length) };
}

function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 9 && unit <= 13);
  return SPACES.has(unit) || (unit >= 0x2000 && unit <= 0x200a);
}

function textOf(units: Uint16Array, length: number): string {
  return Buffer.from(units.buffer, 0, 2 * length).toString('utf16le');
}
