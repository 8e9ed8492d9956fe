import { isTooDeep, TOO_DEEP } from '@cogumi/pure';
import type { DataFile } from './data-set.ts';
import type { LineBlock } from './line-blocks.ts';

/** The JSON object of a line. */
export type Fields = Readonly<Record<string, unknown>>;

/** A line of a file: its fields, or why it cannot be read. */
export interface ParsedRow {
  /** From 0. */
  readonly line: number;
  readonly bytes: number;
  readonly fields: Fields;
  /** Why the line cannot be read; null if it can. */
  readonly unreadable: string | null;
}

/** Parses a line of a block. Never throws: an unreadable line is returned as such. */
export function parseRow({ lines }: DataFile, block: LineBlock, line: number): ParsedRow {
  const [start, end] = lines.range(line);
  const bytes = end - start;
  const broken = (unreadable: string): ParsedRow => ({ line, bytes, fields: {}, unreadable });
  if (block.bytes.length === 0 && bytes > 0) return broken(`The line has ${bytes} bytes: too long to be shown.`);
  // Trimming also removes a byte order mark from the first line.
  const text = block.line(line).toString('utf8').trim();
  if (text === '') return broken('The line is empty.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken(`The line is not JSON: ${text.slice(0, 200)}`);
  }
  if (typeof value !== 'object' || value === null)
    return broken(`The line is not a JSON object: ${text.slice(0, 200)}`);
  // Walking such a value would overflow the stack.
  if (isTooDeep(value)) return broken(`The line ${TOO_DEEP}: ${text.slice(0, 200)}`);
  return { line, bytes, fields: value as Fields, unreadable: null };
}
