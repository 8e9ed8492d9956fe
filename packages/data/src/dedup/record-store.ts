import { closeSync, openSync, writeSync } from 'node:fs';
import { CHUNK, type Records } from './record-reader.ts';
import { sharedUint32 } from './shared-array.ts';

/** Stores records one after the other: in memory up to a bound, then in a file. */
export class RecordStore {
  readonly #chunks: (Uint32Array<SharedArrayBuffer> | null)[] = [];
  readonly #path: string;
  readonly #mostChunks: number;
  /** The chunk being filled: the last one in memory, or the next one to be written to the file. */
  #open: Uint32Array<SharedArrayBuffer> = sharedUint32(0);
  #openAt = 0;
  #used = 0;
  #file: number | null = null;

  /**
   * @param memoryBytes - Memory bound, in chunks of 16 MB; one more chunk serves as the write buffer.
   * @param path - File for the rest, created when needed. The caller deletes it.
   */
  constructor(memoryBytes: number, path: string) {
    this.#mostChunks = Math.floor(memoryBytes / 4 / CHUNK);
    this.#path = path;
  }

  /** Appends the first `length` numbers of `from` as one record. @returns Its position. */
  append(from: Uint32Array, length: number): number {
    if (this.#used + length > this.#open.length) this.#next(length);
    this.#open.set(from.subarray(0, length), this.#used);
    const position = this.#openAt + this.#used;
    // Nothing may follow an oversized record: its position would fall into another chunk.
    this.#used = length > CHUNK ? this.#open.length : this.#used + length;
    return position;
  }

  /** True if some records are in the file. */
  get spilled(): boolean {
    return this.#file !== null;
  }

  /** All records appended so far, for `RecordReader`. */
  get records(): Records {
    this.#flush();
    return { chunks: this.#chunks, path: this.#path };
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #flush(): void {
    if (this.#file !== null) writeAll(this.#file, this.#open.subarray(0, this.#used), this.#openAt);
  }

  #next(length: number): void {
    this.#flush();
    this.#openAt += Math.ceil(this.#open.length / CHUNK) * CHUNK;
    const size = Math.ceil(length / CHUNK) * CHUNK;
    const number = this.#openAt / CHUNK;
    if (this.#file === null && number + size / CHUNK <= this.#mostChunks) {
      this.#open = sharedUint32(size);
      this.#chunks.push(this.#open, ...Array.from({ length: size / CHUNK - 1 }, () => null));
    } else {
      if (this.#file === null || this.#open.length !== size) this.#open = sharedUint32(size);
      this.#file ??= openSync(this.#path, 'w');
    }
    this.#used = 0;
  }
}

function writeAll(file: number, numbers: Uint32Array, position: number): void {
  for (let at = 0; at < numbers.byteLength; ) {
    at += writeSync(file, numbers, at, numbers.byteLength - at, position * 4 + at);
  }
}
