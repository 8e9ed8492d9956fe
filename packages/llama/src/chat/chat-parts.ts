import type { Message } from '@cogumi/contracts';
import type { ModelInfo } from '../types.ts';
import { chatPrompt } from './chat-prompt.ts';

/** A stretch of a prompt. `special`: names of control tokens in it are tokens; else they are text like any other. */
export interface PromptPart {
  readonly text: string;
  readonly special: boolean;
}

/** Where the name of a control token stands, in UTF-16 units; `end` is the first behind it. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * What `chatPrompt` writes, in parts to be tokenized one by one, so that a message never becomes a control token: who
 * writes `<|im_end|>` has written text and not ended a turn. As long as no message brings the name of one along there is
 * one part, the whole, and so its tokens are exactly those of `chatPrompt`.
 *
 * Where text begins that a control token swallows spaces in front of (`RSTRIP`, Phi-3), a part that is cut keeps them.
 */
export function chatParts(
  info: Pick<ModelInfo, 'chatTemplate' | 'bosText' | 'eosText' | 'controlTexts'>,
  messages: readonly Message[],
): PromptPart[] {
  const prompt = chatPrompt(info, messages);
  const { text, foreign } = unveil(chatPrompt(info, messages.map(veil)));
  const found = findMarks(prompt, info.controlTexts);
  const own = findMarks(text, info.controlTexts, foreign);
  // A template may look into messages (to cut thoughts out, say). Then places differ, and the order of names has to do.
  const places = text === prompt;
  const honest =
    found.length === own.length &&
    own.every(({ start, name }, at) => found[at]?.name === name && (!places || found[at]?.start === start));
  return honest ? [{ text: prompt, special: true }] : cut(text, own, info.controlTexts);
}

/** Between two marks of the template, a stretch that holds the name of a control token becomes a part of its own. */
function cut(text: string, own: readonly Mark[], names: readonly string[]): PromptPart[] {
  const parts: PromptPart[] = [];
  let from = 0;
  let at = 0;
  for (const { start, end } of [...own, { start: text.length, end: text.length }]) {
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

/** Names as llama.cpp finds them: each from the left, the longest first, none over another or over `foreign` text. */
function findMarks(text: string, names: readonly string[], foreign?: Uint8Array): Mark[] {
  const taken = foreign?.slice() ?? new Uint8Array(text.length);
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

/** The first of the 65,536 code points of a private plane, which no template writes: one for each UTF-16 unit. */
const VEIL = 0xf_0000;

/** A message that no template can read anything into; spaces stay, because templates trim. */
function veil(message: Message): Message {
  return {
    ...message,
    content: message.content.replace(/\S/g, (unit) => String.fromCodePoint(VEIL + unit.charCodeAt(0))),
  };
}

/** The text again, with 1 for each unit that a message brought. */
function unveil(veiled: string): { text: string; foreign: Uint8Array } {
  const units: string[] = [];
  const foreign = new Uint8Array(veiled.length);
  for (const character of veiled) {
    const code = (character.codePointAt(0) as number) - VEIL;
    if (code >= 0 && code <= 0xffff) foreign[units.push(String.fromCharCode(code)) - 1] = 1;
    else for (let at = 0; at < character.length; at++) units.push(character.charAt(at));
  }
  return { text: units.join(''), foreign: foreign.subarray(0, units.length) };
}
