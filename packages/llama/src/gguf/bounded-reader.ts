import { readSync } from 'node:fs';
import { CogumiError } from '@cogumi/contracts';

/** Bytes per read. Headers are read in blocks, because most of their values are skipped one by one. */
const BLOCK_BYTES = 1 << 18;

/**
 * Reads little-endian values from a place of a file, forward only, never past the end of what it reads or past a limit.
 *
 * Reads are synchronous: a header has up to a million values, and awaiting each would take longer than the disk does.
 */
export class BoundedReader {
  readonly #descriptor: number;
  readonly #path: string;
  readonly fileBytes: number;
  readonly #maxBytes: number;
  readonly #start: number;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;
  position = 0;

  /** @param start - Byte of the file that is position 0. */
  constructor(descriptor: number, path: string, fileBytes: number, maxBytes: number, start = 0) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.fileBytes = fileBytes;
    this.#maxBytes = maxBytes;
    this.#start = start;
  }

  /** @param hint - What to do; default: the file is damaged. */
  fail(what: string, hint = 'Download or export the file again.'): CogumiError {
    return new CogumiError(
      'GGUF_INVALID',
      `${this.#path} is not a usable GGUF file: ${what} (byte ${this.position}).`,
      hint,
    );
  }

  bytes(length: number): Buffer {
    const at = this.#next(length);
    return this.#block.subarray(at, at + length);
  }

  /** Goes on by so many bytes. @returns Where they begin in the block. */
  #next(length: number): number {
    const at = this.position;
    this.skip(length);
    if (at < this.#blockAt || this.position > this.#blockAt + this.#block.length) {
      const block = Buffer.alloc(Math.max(length, Math.min(BLOCK_BYTES, this.fileBytes - at)));
      const got = readSync(this.#descriptor, block, 0, block.length, this.#start + at);
      // Only a file that shrinks while it is read gets here.
      if (got < length) throw this.fail(`it ended ${length - got} bytes early`);
      this.#block = block.subarray(0, got);
      this.#blockAt = at;
    }
    return at - this.#blockAt;
  }

  string(length: number, encoding: 'utf8' | 'latin1'): string {
    const at = this.#next(length);
    return this.#block.toString(encoding, at, at + length);
  }

  skip(length: number): void {
    if (this.position + length > this.fileBytes) {
      throw this.fail(`it ends after ${this.fileBytes} bytes, inside its header`);
    }
    if (this.position + length > this.#maxBytes) throw this.fail(`its header is longer than ${this.#maxBytes} bytes`);
    this.position += length;
  }

  u32(): number {
    const at = this.#next(4);
    return this.#block.readUInt32LE(at);
  }

  /** Reads a 64-bit number and refuses it outside `min` to `max`. */
  count(what: string, max: number, min = 0): number {
    // Without a view of the bytes: a vocabulary has a hundred thousand lengths.
    const at = this.#next(8);
    const value = this.#block.readUInt32LE(at) + this.#block.readUInt32LE(at + 4) * 2 ** 32;
    if (value > max || value < min) throw this.fail(`${value} ${what}; the range is ${min} to ${max}`);
    return value;
  }

  text(what: string, max: number): string {
    return this.string(this.count(what, max), 'utf8');
  }
}
