import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { CogumiError, EXIT } from '@cogumi/contracts';
import type { z } from 'zod';
import { rowError } from './row-error.ts';

/** The rows of one file of a benchmark. */
export interface RowFile<Row> {
  readonly path: string;
  readonly rows: readonly Row[];
}

/**
 * Reads a file of a benchmark: JSON Lines, as it is or packed by gzip.
 *
 * @param schema - The fields that are needed; others are left out.
 * @throws CogumiError EVAL_DATA if the file cannot be read or has no row, EVAL_ROW with the place of a row that has another form.
 */
export async function readRows<Row>(path: string, schema: z.ZodType<Row>): Promise<RowFile<Row>> {
  const text = await readText(path);
  // Only at \n: texts may hold U+2028 and U+0085.
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw noData(`${path} has no row.`, 'Name a file with at least one row.');
  return { path, rows: lines.map((line, at) => parseRow(path, at, parseJson(path, at, line), schema)) };
}

/** Checks the form of one row. @throws CogumiError EVAL_ROW. */
export function parseRow<Row>(path: string, at: number, value: unknown, schema: z.ZodType<Row>): Row {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const field = issue?.path.join('.') || 'the row';
  const has =
    value !== null && typeof value === 'object' ? `fields ${Object.keys(value).join(', ')}` : JSON.stringify(value);
  throw rowError('EVAL_ROW', path, at, `has a valid field "${field}"`, `has ${has}: ${issue?.message ?? 'invalid'}`);
}

/** The text of a file, unpacked. @throws CogumiError EVAL_DATA. */
export async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw noData(
      `${path} cannot be read: ${code ?? message}.`,
      'Name the folder or file of the benchmark with --data.',
      cause,
    );
  }
}

function parseJson(path: string, at: number, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw rowError('EVAL_ROW', path, at, 'is JSON', `is ${JSON.stringify(line.slice(0, 40))}`);
  }
}

/** Data of a benchmark that is not there. */
export function noData(message: string, hint: string, cause?: unknown): CogumiError {
  return new CogumiError('EVAL_DATA', message, hint, { exitCode: EXIT.usage, cause });
}
