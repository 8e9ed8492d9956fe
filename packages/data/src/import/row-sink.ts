import { rm } from 'node:fs/promises';
import type { Random } from '@cogumi/pure';
import { type JsonlWriter, openJsonlWriter } from '../formats/jsonl.ts';
import { readLines } from '../formats/read-lines.ts';
import { createReservoir } from './reservoir.ts';

/** Where the rows of a source go. */
export interface RowSink {
  /** Takes a row as JSON, no longer than a line may be. What it gives back has to be awaited. */
  offer(line: string): Promise<void> | undefined;
  /** @returns How many were taken. */
  finish(): Promise<number>;
  /** Closes what is still open of it, after a failure; nothing happens to one that is finished. */
  discard(): Promise<void>;
}

/** Takes every row. */
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
 * Takes `count` rows by chance, in the order they came. Those chosen for a time wait in a file: `count` of them would fill
 * the memory, and all rows of a large source the disk.
 *
 * @param path - Of that file, which is removed at the end.
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
          if (typeof line !== 'string') throw new RangeError(`a row that waited in ${path} ${line.reason}`);
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
