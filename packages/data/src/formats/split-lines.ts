import { isAscii, isUtf8 } from 'node:buffer';
import { LONGEST_RECORD_BYTES, type Unreadable, unreadable } from './record.ts';

const NEWLINE = 10;
const BYTE_ORDER_MARK = '\ufeff';
/** Bytes decoded at once: texts beyond 128 KB are allocated outside the young heap, at half the speed (measured; benchmarks/jsonl). */
const BLOCK_BYTES = 2 ** 16;

export type Line = string | Unreadable;

/** Splits a text, given in chunks of any size, into lines. */
interface LineSplitter {
  push(chunk: Buffer): Line[];
  /** The last line, if no newline ends it. */
  end(): Line[];
}

/**
 * Splits only at `\n`: U+2028, U+2029 and U+0085 occur inside real strings. A `\r` before it is kept, because JSON treats it as space. A
 * leading byte order mark is dropped. A line that is not UTF-8 or longer than 16 MiB becomes `Unreadable` and does not affect other
 * lines. Memory holds one chunk and one such line.
 *
 * Blocks are decoded as a whole and split as text, which is faster than line by line (measured; benchmarks/jsonl).
 */
export function createLineSplitter(): LineSplitter {
  let first = true;
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Beginning of a line that is too long, while the rest of it is skipped. */
  let tooLong: Buffer | null = null;

  const hold = (piece: Buffer): void => {
    heldBytes += piece.length;
    if (tooLong) return;
    held.push(piece);
    if (heldBytes <= LONGEST_RECORD_BYTES) return;
    tooLong = Buffer.from((held[0] as Buffer).subarray(0, 1000));
    held = [];
  };

  const endHeld = (): Line => {
    const line = tooLong
      ? unreadable(`has ${heldBytes} bytes in one line, more than ${LONGEST_RECORD_BYTES}`, tooLong)
      : (decodeLines(held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held))[0] as Line);
    held = [];
    heldBytes = 0;
    tooLong = null;
    return line;
  };

  const withoutMark = (lines: Line[]): Line[] => {
    if (!first || lines.length === 0) return lines;
    first = false;
    const [line] = lines;
    if (typeof line === 'string' && line.startsWith(BYTE_ORDER_MARK)) lines[0] = line.slice(1);
    return lines;
  };

  const pushBlock = (block: Buffer, lines: Line[]): void => {
    const last = block.lastIndexOf(NEWLINE);
    if (last === -1) {
      hold(block);
      return;
    }
    let from = 0;
    if (heldBytes > 0) {
      from = block.indexOf(NEWLINE) + 1;
      hold(block.subarray(0, from - 1));
      lines.push(endHeld());
    }
    if (from <= last) for (const line of decodeLines(block.subarray(from, last))) lines.push(line);
    if (last + 1 < block.length) hold(block.subarray(last + 1));
  };

  return {
    push: (chunk) => {
      const lines: Line[] = [];
      for (let from = 0; from < chunk.length; from += BLOCK_BYTES) {
        pushBlock(chunk.subarray(from, from + BLOCK_BYTES), lines);
      }
      return withoutMark(lines);
    },
    end: () => (heldBytes > 0 ? withoutMark([endHeld()]) : []),
  };
}

/** Decodes complete lines: as one block, or line by line if some byte is not UTF-8, so that only its line is unreadable. */
function decodeLines(bytes: Buffer): Line[] {
  if (isAscii(bytes)) return bytes.toString('latin1').split('\n');
  if (isUtf8(bytes)) return bytes.toString('utf8').split('\n');
  const lines: Line[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(from, to);
    lines.push(isUtf8(line) ? line.toString('utf8') : unreadable('is not UTF-8', line));
    from = to + 1;
  }
  return lines;
}
