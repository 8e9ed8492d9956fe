import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { CogumiError } from '@cogumi/contracts';
import type { z } from 'zod';
import { readLines } from './read-lines.ts';

/** Rows are gathered to so many characters before they are handed to the system. */
const BLOCK_CHARACTERS = 2 ** 16;

/**
 * Rows of a JSONL file, split at `\n` alone (U+2028 and U+0085 occur inside real strings) and checked by `schema`.
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

/** All rows at once, for files that fit. */
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
 * Opens files to be written together and does the work that fills them. When it is done all of them are whole; when it, or
 * one of them, fails, all are closed as they are and nothing stays open.
 *
 * @param paths - Of the files, by the names that `work` gets their writers under.
 * @returns What `work` gives.
 * @throws What `work` or the disk throws.
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

/** A JSONL file that is being written. */
export interface JsonlWriter {
  /** Takes one value. What it gives back has to be awaited: it waits while the disk is behind. */
  write(value: unknown): Promise<void> | undefined;
  /** Takes a line that is JSON already. */
  writeLine(line: string): Promise<void> | undefined;
  /** Writes what is left. After it the file is whole. */
  end(): Promise<void>;
  /** Closes the file as it is; nothing happens to one that is whole. */
  discard(): Promise<void>;
}

/** @returns A writer that holds no more than two blocks, however slow the disk is. */
export function openJsonlWriter(path: string): JsonlWriter {
  const stream = createWriteStream(path);
  // Awaited at the end: without a listener until then, a full disk would end the process.
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
  const what = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`;
  throw rowInvalid(path, number, what, parsed.error);
}

function rowInvalid(path: string, line: number, what: string, cause?: unknown): CogumiError {
  return new CogumiError('ROW_INVALID', `${path}, line ${line}: ${what}.`, 'Mend or remove that line.', { cause });
}
