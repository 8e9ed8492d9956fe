import { closeSync, openSync, readSync } from 'node:fs';

/** Numbers a chunk: 4 M, 16 MB (chosen). */
export const CHUNK = 2 ** 22;

/** Storage of records: chunks in shared memory, the rest in a file. No record crosses a chunk border. */
export interface Records {
  /** In-memory chunks, oldest first. `null` marks a slot covered by a preceding oversized chunk. */
  readonly chunks: readonly (Uint32Array<SharedArrayBuffer> | null)[];
  /** File with the records that are not in memory, each number at byte `4 * position`. */
  readonly path: string;
}

/** Reads records, on any thread. After `seek` the record is `numbers[start..)`, until the next `seek`. */
export class RecordReader {
  numbers = new Uint32Array(0) as Uint32Array;
  start = 0;
  readonly #records: Records;
  readonly #readAhead: number;
  /** The part of the file that was read last. */
  #window: Uint32Array<ArrayBuffer>;
  #windowAt = 0;
  #windowLength = 0;
  #file: number | null = null;

  /** @param readAhead - Numbers read from the file at once: many for sequential reading, few for random access. */
  constructor(records: Records, readAhead: number) {
    this.#records = records;
    this.#readAhead = readAhead;
    this.#window = new Uint32Array(readAhead);
  }

  seek(position: number, length: number): void {
    // An empty record may lie at the very end, where no chunk follows.
    if (length === 0) return;
    const number = Math.floor(position / CHUNK);
    const chunk = this.#records.chunks[number];
    if (chunk) {
      this.numbers = chunk;
      this.start = position - number * CHUNK;
      return;
    }
    if (position < this.#windowAt || position + length > this.#windowAt + this.#windowLength)
      this.#read(position, length);
    this.numbers = this.#window;
    this.start = position - this.#windowAt;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #read(position: number, length: number): void {
    if (length > this.#window.length) this.#window = new Uint32Array(length);
    this.#file ??= openSync(this.#records.path, 'r');
    const wanted = Math.max(length, this.#readAhead) * 4;
    let bytes = 0;
    while (bytes < length * 4) {
      const more = readSync(this.#file, this.#window, bytes, wanted - bytes, position * 4 + bytes);
      if (more === 0) throw new RangeError(`${this.#records.path} ends before the record at ${position}`);
      bytes += more;
    }
    this.#windowAt = position;
    this.#windowLength = Math.floor(bytes / 4);
  }
}
