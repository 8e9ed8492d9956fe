import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CogumiError } from '@cogumi/contracts';
import type { z } from 'zod';

/** Longest line that is read: a larger one is not a row but a wrong file. Largest real row known here: 33 KB (LIMA). */
const LONGEST_LINE = 16 * 2 ** 20;

/**
 * Rows of a JSONL file, split at `\n` alone (U+2028 and U+0085 occur inside real strings) and checked by `schema`.
 *
 * @throws CogumiError ROW_INVALID with file and line number; LINE_TOO_LONG.
 */
export async function* readJsonl<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  let line = 0;
  for await (const text of readLines(path)) {
    line++;
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw rowInvalid(path, line, 'is not JSON', cause);
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw rowInvalid(path, line, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`, parsed.error);
    }
    yield parsed.data;
  }
}

/** All rows at once, for files that fit. */
export async function readAllJsonl<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of readJsonl(path, schema)) rows.push(row);
  return rows;
}

/** Writes one JSON value a line. */
export async function writeJsonl(path: string, rows: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  async function* lines() {
    let block = '';
    for await (const row of rows) {
      block += `${JSON.stringify(row)}\n`;
      if (block.length > 1 << 16) {
        yield block;
        block = '';
      }
    }
    yield block;
  }
  await pipeline(lines, createWriteStream(path));
}

async function* readLines(path: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(10); to !== -1; to = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, to)]).toString('utf8');
      rest = [];
      restBytes = 0;
      from = to + 1;
    }
    rest.push(chunk.subarray(from));
    restBytes += chunk.length - from;
    if (restBytes > LONGEST_LINE) {
      throw new CogumiError(
        'LINE_TOO_LONG',
        `${path} has a line of more than ${LONGEST_LINE / 2 ** 20} MiB.`,
        'Is it JSON Lines, one object a line? A JSON array has to be converted first.',
      );
    }
  }
  if (restBytes > 0) yield Buffer.concat(rest).toString('utf8');
}

function rowInvalid(path: string, line: number, what: string, cause: unknown): CogumiError {
  return new CogumiError('ROW_INVALID', `${path}, line ${line}: ${what}.`, 'Mend or remove that line.', { cause });
}
