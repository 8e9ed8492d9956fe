import { isUtf8 } from 'node:buffer';
import { DamagedFile } from './byte-source.ts';
import { LONGEST_RECORD_BYTES, type Unreadable, unreadable } from './record.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];
const ARRAY_END = 0x5d;

/** Splits a JSON array, given in chunks of any size, into the texts of its elements. */
interface ArraySplitter {
  /** @throws DamagedFile for text after the end. */
  push(chunk: Buffer): (string | Unreadable)[];
  /** @throws DamagedFile if the array has not ended. */
  end(): void;
}

/**
 * Finds the borders of the elements without parsing them, so that a file of any size needs the memory of one chunk and one element. The
 * caller parses the elements.
 */
export function createArraySplitter(): ArraySplitter {
  let state: 'before' | 'inside' | 'after' = 'before';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let elements = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;

  const hold = (piece: Buffer): void => {
    heldBytes += piece.length;
    // The beginning of an element that is too long is kept for the message.
    if (heldBytes <= LONGEST_RECORD_BYTES || held.length === 0) held.push(piece);
    else held.length = 1;
  };

  const endElement = (): string | Unreadable | null => {
    const bytes = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    const size = heldBytes;
    held = [];
    heldBytes = 0;
    if (size > LONGEST_RECORD_BYTES) return unreadable(`has ${size} bytes, more than ${LONGEST_RECORD_BYTES}`, bytes);
    return isUtf8(bytes) ? bytes.toString('utf8').trim() : unreadable('is not UTF-8', bytes);
  };

  /** The end of the string that the scan is inside of, or the end of the chunk. */
  const skipString = (chunk: Buffer, from: number): number => {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        inString = false;
        return at + 1;
      }
    }
    return chunk.length;
  };

  const refuseText = (chunk: Buffer, from: number, where: string): void => {
    const text = chunk.subarray(from).toString('latin1').trim();
    if (text !== '') throw new DamagedFile(`it has text after ${where}`);
  };

  return {
    push: (chunk) => {
      const found: (string | Unreadable)[] = [];
      let at = 0;
      if (state === 'before') {
        const open = chunk.indexOf(OPENING[0] as number);
        if (open === -1) return found;
        state = 'inside';
        at = open + 1;
      }
      let from = at;
      while (state === 'inside' && at < chunk.length) {
        if (inString) {
          at = skipString(chunk, at);
          continue;
        }
        const byte = chunk[at] as number;
        if (byte === QUOTE) inString = true;
        else if (OPENING.includes(byte)) depth++;
        else if (depth > 0) {
          if (CLOSING.includes(byte)) depth--;
        } else if (byte === COMMA || CLOSING.includes(byte)) {
          hold(chunk.subarray(from, at));
          from = at + 1;
          const element = endElement();
          const ends = byte !== COMMA;
          if (ends && byte !== ARRAY_END) throw new DamagedFile(`a brace closes nothing after element ${elements}`);
          if (ends) state = 'after';
          // `[ ]` has no element; an empty text between two commas is an invalid one.
          if (element !== null && !(ends && element === '' && elements === 0)) {
            found.push(element);
            elements++;
          }
        }
        at++;
      }
      if (state === 'inside') hold(chunk.subarray(from));
      else refuseText(chunk, at, 'its array has ended');
      return found;
    },
    end: () => {
      if (state !== 'after') throw new DamagedFile('it ends before its array does');
    },
  };
}
