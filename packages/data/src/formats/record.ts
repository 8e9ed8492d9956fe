import { cutBelow } from '@cogumi/pure';

/** Longest record that is read: a larger one is not a row but a wrong file. Largest real row known here: 33 KB (LIMA). */
export const LONGEST_RECORD_BYTES = 16 * 2 ** 20;

/** How much of an unreadable record is shown: characters, levels of lists and objects (chosen). */
const EXCERPT_CHARACTERS = 200;
const EXCERPT_LEVELS = 8;

/** A record that cannot be read: why, as the end of a sentence, and how it begins. */
export interface Unreadable {
  readonly reason: string;
  readonly excerpt: string;
}

/**
 * One record of a file. `number` counts from 1: lines of JSON Lines, elements of a JSON array, rows of a table without its
 * header.
 */
export type FileRecord = { readonly number: number } & ({ readonly value: unknown } | Unreadable);

/** @param start - Its text, or its first bytes; bytes that are not UTF-8 are shown as U+FFFD. */
export function unreadable(reason: string, start: string | Buffer): Unreadable {
  const text = typeof start === 'string' ? start : start.subarray(0, 4 * EXCERPT_CHARACTERS).toString('utf8');
  return { reason, excerpt: text.slice(0, EXCERPT_CHARACTERS) };
}

/** How a record of whatever size and depth begins. Its texts are cut before they are joined: all may be longer than a text can be. */
export function excerptOf(value: unknown): string {
  const cut = (_name: string, inner: unknown) =>
    typeof inner === 'string' ? inner.slice(0, EXCERPT_CHARACTERS) : inner;
  return JSON.stringify(cutBelow(value, EXCERPT_LEVELS), cut).slice(0, EXCERPT_CHARACTERS);
}

/** A record out of its JSON text. */
export function parseRecord(number: number, text: string | Unreadable): FileRecord {
  if (typeof text !== 'string') return { number, ...text };
  try {
    return { number, value: JSON.parse(text) as unknown };
  } catch {
    return { number, ...unreadable('is not JSON', text) };
  }
}
