import { type FileHandle, open } from 'node:fs/promises';
import type { LineIndex } from './line-index.ts';

/** Bytes of lines that are read together (chosen). */
const BLOCK_BYTES = 2 ** 20;

/** Longest line that is read: parsing it takes a tenth of a second, and no real row comes near it (chosen). */
export const LONGEST_LINE_BYTES = 16 * 2 ** 20;

/** Lines `first` to `last` (excluded) and their bytes. */
export interface LineBlock {
  readonly first: number;
  readonly last: number;
  /** The bytes of these lines, newlines included; empty if its only line is too long to be read. */
  readonly bytes: Buffer;
  /** The bytes of one line. */
  line(at: number): Buffer;
}

/** Lines from `first` on, in blocks; ends with the last line that the index knows by then. */
export async function* readBlocks(path: string, lines: LineIndex, first: number): AsyncGenerator<LineBlock> {
  if (first >= lines.count) return;
  const handle = await open(path);
  try {
    for (let from = first; from < lines.count; ) {
      const block = await readBlock(handle, lines, from, lines.count);
      yield block;
      from = block.last;
    }
  } finally {
    await handle.close();
  }
}

/** A block of one line. */
export async function readLine(path: string, lines: LineIndex, at: number): Promise<LineBlock> {
  const handle = await open(path);
  try {
    return await readBlock(handle, lines, at, at + 1);
  } finally {
    await handle.close();
  }
}

/** @param limit - The block ends before this line. */
async function readBlock(handle: FileHandle, lines: LineIndex, first: number, limit: number): Promise<LineBlock> {
  const [start, firstEnd] = lines.range(first);
  if (firstEnd - start > LONGEST_LINE_BYTES) {
    return { first, last: first + 1, bytes: Buffer.alloc(0), line: () => Buffer.alloc(0) };
  }
  let last = first + 1;
  let end = firstEnd;
  while (last < limit) {
    const [, next] = lines.range(last);
    if (next - start > BLOCK_BYTES) break;
    end = next;
    last++;
  }
  const bytes = Buffer.allocUnsafe(end - start);
  // If the file was truncated meanwhile, its last lines are zeros rather than uninitialised memory.
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  bytes.fill(0, bytesRead);
  return {
    first,
    last,
    bytes,
    line: (at) => {
      const [from, to] = lines.range(at);
      return bytes.subarray(from - start, to - start);
    },
  };
}
