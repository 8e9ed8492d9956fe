import { open } from 'node:fs/promises';
import { enlarge } from '../rows/enlarge.ts';

/** Read at once: large enough that the disk is the limit. */
const CHUNK_BYTES = 2 ** 20;
const FIRST_CAPACITY = 1024;
const NEWLINE = 10;

/** Where each line of a file begins; it grows while the file is read, and what it holds so far is right. */
export interface LineIndex {
  readonly count: number;
  /** How much of the file has been read, and how large it is. */
  readonly readBytes: number;
  readonly fileBytes: number;
  /** Bytes of line `at` without its newline: from the first to the one after the last. */
  range(at: number): [start: number, end: number];
  /** Reads the file once. @throws what the file system throws, or the signal's reason. */
  build(signal: AbortSignal): Promise<void>;
}

/**
 * Lines of a JSONL file, split at `\n` alone. 8 bytes a line: a file of ten million rows takes 80 MB.
 *
 * @param fileBytes - Its size now; what is appended later is not looked at.
 */
export function createLineIndex(path: string, fileBytes: number): LineIndex {
  // Doubles hold whole numbers up to 2^53: 32 bits would end at 4 GB.
  let starts = new Float64Array(FIRST_CAPACITY);
  let count = 0;
  let readBytes = 0;
  /** Where the line begins that has no newline yet. */
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
