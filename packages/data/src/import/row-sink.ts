import { rm } from 'node:fs/promises';
import type { Random } from '@cogumi/pure';
import { type JsonlWriter, openJsonlWriter } from '../formats/jsonl.ts';
import { readLines } from '../formats/read-lines.ts';
import { createReservoir } from './reservoir.ts';

/** Receives the rows of a source. */
export interface RowSink {
  /**
   * Takes a row as a line of JSON. The returned promise must be awaited.
   *
   * @param record - What the row was read from, with the fields that a row has no place for.
   */
  offer(line: string, record: unknown): Promise<void> | undefined;
  /** @returns The number of rows written. */
  finish(): Promise<number>;
  /** Closes open files after a failure; does nothing after `finish`. */
  discard(): Promise<void>;
}

/** Writes every row. */
export function takeAll(rows: JsonlWriter): RowSink {
  let taken = 0;
  return {
    offer: (line) => {
      taken++;
      return rows.writeLine(line);
    },
    finish: async () => taken,
    discard: async () => {},
  };
}

/**
 * Writes a random sample of `count` rows, in input order. Rows that enter the sample are kept in a temporary file: `count`
 * rows may not fit in memory, and all rows of a large source not on the disk.
 *
 * @param path - The temporary file; it is removed at the end.
 */
export function takeSome(count: number, random: Random, rows: JsonlWriter, path: string): RowSink {
  const reservoir = createReservoir(count, random);
  const waiting = openJsonlWriter(path);
  return {
    offer: (line) => (reservoir.offer() ? waiting.writeLine(line) : undefined),
    finish: async () => {
      await waiting.end();
      const chosen = reservoir.chosen();
      let place = 0;
      let taken = 0;
      for await (const lines of readLines(path)) {
        for (const line of lines) {
          if (typeof line !== 'string') throw new RangeError(`a sampled row in ${path} ${line.reason}`);
          if (chosen[place++] !== 1) continue;
          taken++;
          await rows.writeLine(line);
        }
      }
      await rm(path);
      return taken;
    },
    discard: () => waiting.discard(),
  };
}
