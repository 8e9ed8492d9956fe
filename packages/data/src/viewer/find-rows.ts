import type { DataFile } from './data-set.ts';
import { readBlocks, readLine } from './line-blocks.ts';
import { type ParsedRow, parseRow } from './parse-row.ts';
import { matches, type RowFilter, rawNeedle } from './row-filter.ts';

export interface FindLimits {
  /** First line to scan. */
  readonly from: number;
  readonly most: number;
  /** Time limit: a longer scan returns what it has found so far. */
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

export interface Found {
  readonly rows: readonly ParsedRow[];
  /** Number of lines scanned, those before `from` included. */
  readonly looked: number;
  /** Line from which to continue; null at the end. */
  readonly next: number | null;
}

/** Matching rows of a file in order, as far as the limits allow. An unreadable line matches only without a filter. */
export async function findRows(file: DataFile, filter: RowFilter | null, limits: FindLimits): Promise<Found> {
  const { from, most, milliseconds, signal } = limits;
  const until = performance.now() + milliseconds;
  const needle = filter === null ? null : rawNeedle(filter);
  const rows: ParsedRow[] = [];
  let looked = Math.min(from, file.lines.count);
  for await (const block of readBlocks(file.path, file.lines, from)) {
    signal.throwIfAborted();
    const skipped = needle !== null && !block.bytes.includes(needle);
    for (let line = block.first; line < block.last && !skipped; line++) {
      looked = line + 1;
      if (needle !== null && !block.line(line).includes(needle)) continue;
      const row = parseRow(file, block, line);
      if (filter === null || (row.unreadable === null && matches(row.fields, filter))) rows.push(row);
      if (rows.length === most) return { rows, looked, next: looked < file.lines.count ? looked : null };
    }
    looked = block.last;
    if (performance.now() > until) break;
  }
  const whole = looked >= file.lines.count && file.lines.readBytes >= file.lines.fileBytes;
  return { rows, looked, next: whole ? null : looked };
}

/** One row by its line; null if the file has no such line. */
export async function readRow(file: DataFile, line: number): Promise<ParsedRow | null> {
  return line < file.lines.count ? parseRow(file, await readLine(file.path, file.lines, line), line) : null;
}
