import { findDoubledKey } from './doubled-key.ts';
import { MOST_LEVELS, TOO_DEEP } from './nesting.ts';

/** Bounds of a document. They are checked in one pass over the text, before any value is made. */
export interface JsonBounds {
  /** Most values: numbers, texts, lists, objects and so on. Keys do not count. */
  readonly values: number;
  /** Longest key in UTF-16 units, as it is written. */
  readonly keyLength: number;
}

/** Why a document is refused; the message is the end of a sentence that begins with the document's name. */
export class JsonProblem extends Error {}

/**
 * Parses JSON that a person or a program sent. What `JSON.parse` would change in silence is refused: a key that stands twice in
 * one object (the last would win), bytes that are not UTF-8, and halves of surrogate pairs (they would become U+FFFD).
 *
 * @throws JsonProblem also beyond the bounds, or if it is nested deeper than `MOST_LEVELS`.
 */
export function parseStrictJson(bytes: Uint8Array, bounds: JsonBounds): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new JsonProblem('is not UTF-8 text');
  }
  checkBounds(text, bounds);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JsonProblem(`is not JSON: ${(cause as Error).message.slice(0, 200)}`, { cause });
  }
  const doubled = findDoubledKey(text);
  if (doubled !== null) throw new JsonProblem(`has the key ${JSON.stringify(doubled)} twice in one object`);
  if (text.includes('\\u') && !isWellFormed(value)) {
    throw new JsonProblem('has half of a surrogate pair (such as \\ud83d alone), which is no character');
  }
  return value;
}

/** Checks the bounds of a text that may not be JSON. @throws JsonProblem. */
function checkBounds(text: string, bounds: JsonBounds): void {
  /** For each open bracket: true for an object. */
  const open: boolean[] = [];
  let values = 0;
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfText(text, at);
      const length = end - at - 1;
      if (expectsKey && length > bounds.keyLength) {
        const start = JSON.stringify(`${text.slice(at + 1, at + 41)}…`);
        throw new JsonProblem(`has the key ${start} of ${length} characters; keys have at most ${bounds.keyLength}`);
      }
      expectsKey = false;
      at = end;
    } else if (character === '{' || character === '[') {
      open.push(character === '{');
      if (open.length > MOST_LEVELS) throw new JsonProblem(TOO_DEEP);
      expectsKey = character === '{';
      values++;
    } else if (character === '}' || character === ']') {
      open.pop();
      expectsKey = false;
    } else if (character === ',') {
      expectsKey = open.at(-1) === true;
      values++;
    }
    if (values > bounds.values) throw new JsonProblem(`has more than ${bounds.values} values`);
  }
}

/** Position of the quote that ends the text that starts at `start`; the last position if none does. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}
