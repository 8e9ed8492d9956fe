import { open } from 'node:fs/promises';
import { enlarge } from '../rows/enlarge.ts';

/** Bytes read at once: enough for the disk to be the limit (chosen). */
const CHUNK_BYTES = 2 ** 20;
const FIRST_CAPACITY = 1024;
const NEWLINE = 10;

/** Start of each line of a file. It grows while the file is read; what it has so far is valid. */
export interface LineIndex {
  readonly count: number;
  /** Bytes read so far, and the size of the file. */
  readonly readBytes: number;
  readonly fileBytes: number;
  /** Byte range of line `at` without its newline; the end is excluded. */
  range(at: number): [start: number, end: number];
  /** Reads the file once. @throws The signal's reason, or errors of the file system. */
  build(signal: AbortSignal): Promise<void>;
}

/**
 * Indexes the lines of a JSONL file, split only at `\n`. 8 bytes a line: ten million rows take 80 MB.
 *
 * @param fileBytes - Size of the file now; bytes appended later are ignored.
 */
export function createLineIndex(path: string, fileBytes: number): LineIndex {
  // Doubles represent integers up to 2^53; 32 bits would end at 4 GB.
  let starts = new Float64Array(FIRST_CAPACITY);
  let count = 0;
  let readBytes = 0;
  /** Start of the line whose newline has not been read yet. */
  let lineStart = 0;

  const close = (end: number): void => {
    if (count + 1 === starts.length) starts = enlarge(starts, new Float64Array(starts.length * 2));
    starts[count] = lineStart;
    count++;
    lineStart = end + 1;
    starts[count] = lineStart;
  };

  return {
    get count() {
      return count;
    },
    get readBytes() {
      return readBytes;
    },
    fileBytes,
    range: (at) => [starts[at] as number, (starts[at + 1] as number) - 1],
    build: async (signal) => {
      const handle = await open(path);
      try {
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        while (readBytes < fileBytes) {
          signal.throwIfAborted();
          const wanted = Math.min(CHUNK_BYTES, fileBytes - readBytes);
          const { bytesRead } = await handle.read(chunk, 0, wanted, readBytes);
          if (bytesRead === 0) break;
          const bytes = chunk.subarray(0, bytesRead);
          for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) close(readBytes + at);
          readBytes += bytesRead;
        }
        if (lineStart < readBytes) close(readBytes);
      } finally {
        await handle.close();
      }
    },
  };
}
