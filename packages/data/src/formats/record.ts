import { cutBelow } from '@cogumi/pure';
import { parseJson } from './parse-json.ts';

/** Longest record that is read: a longer one means a wrong file (chosen). The largest real row known is 33 KB (LIMA). */
export const LONGEST_RECORD_BYTES = 16 * 2 ** 20;

/** Characters and levels shown of an unreadable record (chosen). */
const EXCERPT_CHARACTERS = 200;
const EXCERPT_LEVELS = 8;

/** An unreadable record: the reason, as the end of a sentence, and the beginning of its text. */
export interface Unreadable {
  readonly reason: string;
  readonly excerpt: string;
}

/**
 * A record of a file. `number` counts from 1: lines of JSON Lines, elements of a JSON array, rows of a table without the header.
 */
export type FileRecord = { readonly number: number } & ({ readonly value: unknown } | Unreadable);

/** @param start - Text of the record, or its first bytes; bytes that are not UTF-8 become U+FFFD. */
export function unreadable(reason: string, start: string | Buffer): Unreadable {
  const text = typeof start === 'string' ? start : start.subarray(0, 4 * EXCERPT_CHARACTERS).toString('utf8');
  return { reason, excerpt: text.slice(0, EXCERPT_CHARACTERS) };
}

/** The beginning of a record of any size and depth. Texts are cut before they are joined, because all may exceed the longest string. */
export function excerptOf(value: unknown): string {
  const cut = (_name: string, inner: unknown) => {
    if (typeof inner === 'string') return inner.slice(0, EXCERPT_CHARACTERS);
    return typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner;
  };
  return JSON.stringify(cutBelow(value, EXCERPT_LEVELS), cut).slice(0, EXCERPT_CHARACTERS);
}

/** Parses a record from its JSON text. */
export function parseRecord(number: number, text: string | Unreadable): FileRecord {
  if (typeof text !== 'string') return { number, ...text };
  const parsed = parseJson(text);
  return 'value' in parsed ? { number, ...parsed } : { number, ...unreadable(parsed.reason, text) };
}
