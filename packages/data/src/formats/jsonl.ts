import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { CogumiError } from '@cogumi/contracts';
import type { z } from 'zod';
import { readLines } from './read-lines.ts';

/** Characters buffered before a write (chosen). */
const BLOCK_CHARACTERS = 2 ** 16;

/**
 * Reads the rows of a JSONL file, split only at `\n` (U+2028 and U+0085 occur inside real strings) and checked by `schema`.
 *
 * @throws CogumiError ROW_INVALID with file and line number, also for a line over 16 MiB or not in UTF-8.
 */
export async function* readJsonl<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  let number = 0;
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      number++;
      if (typeof line !== 'string') throw rowInvalid(path, number, line.reason);
      if (line.trim() === '') continue;
      yield parseRow(line, schema, path, number);
    }
  }
}

/** Reads all rows, for files that fit in memory. */
export async function readAllJsonl<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of readJsonl(path, schema)) rows.push(row);
  return rows;
}

/** Writes one JSON value a line. */
export async function writeJsonl(path: string, rows: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  await withWriters({ whole: path }, async ({ whole }) => {
    for await (const row of rows) await whole.write(row);
  });
}

/**
 * Opens several files and runs the work that writes them. On success all files are complete; on any failure all are closed as they
 * are, and none stays open.
 *
 * @param paths - Paths by the names under which `work` gets their writers.
 * @returns The result of `work`.
 * @throws Errors of `work` or of the disk.
 */
export async function withWriters<Name extends string, Result>(
  paths: Readonly<Record<Name, string>>,
  work: (writers: Readonly<Record<Name, JsonlWriter>>) => Promise<Result>,
): Promise<Result> {
  const opened = Object.entries<string>(paths).map(([name, path]) => [name, openJsonlWriter(path)] as const);
  const writers = opened.map(([, writer]) => writer);
  try {
    const result = await work(Object.fromEntries(opened) as Record<Name, JsonlWriter>);
    await Promise.all(writers.map((writer) => writer.end()));
    return result;
  } catch (cause) {
    await Promise.all(writers.map((writer) => writer.discard()));
    throw cause;
  }
}

/** Writes a JSONL file. */
export interface JsonlWriter {
  /** Writes one value. The returned promise must be awaited: it provides backpressure. */
  write(value: unknown): Promise<void> | undefined;
  /** Writes a line that is JSON already. */
  writeLine(line: string): Promise<void> | undefined;
  /** Writes the rest and closes the file; it is complete then. */
  end(): Promise<void>;
  /** Closes an incomplete file; does nothing after `end`. */
  discard(): Promise<void>;
}

/** @returns A writer that buffers at most two blocks, however slow the disk is. */
export function openJsonlWriter(path: string): JsonlWriter {
  const stream = createWriteStream(path);
  // Awaited by `end`: an error without a listener until then would end the process.
  const closed = finished(stream);
  closed.catch(() => {});
  let block = '';

  const flush = async (): Promise<void> => {
    const full = block;
    block = '';
    if (stream.destroyed) await closed;
    if (!stream.write(full)) await Promise.race([once(stream, 'drain'), closed]);
  };
  const writeLine = (line: string) => {
    block += `${line}\n`;
    return block.length > BLOCK_CHARACTERS ? flush() : undefined;
  };

  return {
    write: (value) => writeLine(JSON.stringify(value)),
    writeLine,
    end: async () => {
      if (block !== '') await flush();
      stream.end();
      await closed;
    },
    discard: async () => {
      stream.destroy();
      await closed.catch(() => {});
    },
  };
}

function parseRow<T>(line: string, schema: z.ZodType<T>, path: string, number: number): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw rowInvalid(path, number, 'is not JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const what = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not match the schema'}`;
  throw rowInvalid(path, number, what, parsed.error);
}

function rowInvalid(path: string, line: number, what: string, cause?: unknown): CogumiError {
  return new CogumiError('ROW_INVALID', `${path}, line ${line}: ${what}.`, 'Correct or remove that line.', { cause });
}
