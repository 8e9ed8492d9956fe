import type { Message } from '@cogumi/contracts';
import type { ModelInfo } from '../types.ts';
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
 * Some control tokens strip the spaces that follow (`RSTRIP`, Phi-3). A part that starts after such a token keeps them.
 */
export function chatParts(
  info: Pick<ModelInfo, 'chatTemplate' | 'bosText' | 'eosText' | 'controlTexts'>,
  messages: readonly Message[],
): PromptPart[] {
  const prompt = chatPrompt(info, messages);
  const { text, fromMessages } = unmask(chatPrompt(info, messages.map(mask)));
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
      const free = !taken.subarray(start, end).includes(1);
      if (free) {
        taken.fill(1, start, end);
        marks.push({ start, end, name });
      }
      start = text.indexOf(name, free ? end : start + 1);
    }
  }
  return marks.sort((one, other) => one.start - other.start);
}

/** First code point of a private-use plane, which no template writes. Its 65,536 code points stand for the UTF-16 units. */
const MASK = 0xf_0000;

/** Replaces every character of a message, so that no template can react to it. Spaces stay, because templates trim. */
function mask(message: Message): Message {
  return {
    ...message,
    content: message.content.replace(/\S/g, (unit) => String.fromCodePoint(MASK + unit.charCodeAt(0))),
  };
}

/** Restores the text. `fromMessages` has a 1 for each unit that comes from a message. */
function unmask(masked: string): { text: string; fromMessages: Uint8Array } {
  const units: string[] = [];
  const fromMessages = new Uint8Array(masked.length);
  for (const character of masked) {
    const code = (character.codePointAt(0) as number) - MASK;
    if (code >= 0 && code <= 0xffff) fromMessages[units.push(String.fromCharCode(code)) - 1] = 1;
    else for (let at = 0; at < character.length; at++) units.push(character.charAt(at));
  }
  return { text: units.join(''), fromMessages: fromMessages.subarray(0, units.length) };
}
