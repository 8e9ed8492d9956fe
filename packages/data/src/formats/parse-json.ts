import { randomUUID } from 'node:crypto';
import { findDoubledKey, parseExactJson } from '@cogumi/pure';

/** Stands for a value that is not JSON until the text is parsed. Random, so that no text contains it. */
const MARK = randomUUID();

/** What Python's `json.dumps` writes for numbers that JSON has no form for. */
const NOT_FINITE: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

/**
 * Parses JSON as data sets have it. `NaN`, `Infinity` and `-Infinity` become these numbers: whether they matter depends on who reads the
 * field. An integer that a number would round becomes a `LongInteger`. A key that stands twice is refused, because `JSON.parse` would keep the last value and say nothing.
 *
 * @returns The value, or why there is none, as the end of a sentence.
 */
export function parseJson(text: string): { readonly value: unknown } | { readonly reason: string } {
  const value = parsed(text) ?? parsedWithNumbers(text);
  if (value === undefined) return { reason: 'is not JSON' };
  const key = findDoubledKey(text);
  return key === null ? value : { reason: `has the key ${JSON.stringify(key.slice(0, 80))} twice in one object` };
}

function parsed(text: string, revive?: (value: unknown) => unknown): { value: unknown } | undefined {
  try {
    return { value: parseExactJson(text, revive) };
  } catch {
    return undefined;
  }
}

function parsedWithNumbers(text: string): { value: unknown } | undefined {
  if (!/NaN|Infinity/.test(text)) return undefined;
  return parsed(markNumbers(text), (value) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
    return NOT_FINITE[value.slice(MARK.length)];
  });
}

/** Puts a marked string in place of each such number. Strings are skipped by their quotes, as a text of JSON has them. */
function markNumbers(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  let inString = false;
  for (const { 0: token, index } of text.matchAll(/\\.|"|(?:NaN|-?Infinity)(?!\s*:)/gs)) {
    if (token === '"') inString = !inString;
    else if (!inString && token[0] !== '\\') {
      pieces.push(text.slice(from, index), `"${MARK}${token}"`);
      from = index + token.length;
    }
  }
  return pieces.join('') + text.slice(from);
}
