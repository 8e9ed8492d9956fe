import { closeSync, openSync, writeSync } from 'node:fs';
import { CHUNK, type Records } from './record-reader.ts';
import { sharedUint32 } from './shared-array.ts';

/** Takes records in turn and puts those beyond a bound of memory into a file. */
export class RecordStore {
  readonly #chunks: (Uint32Array<SharedArrayBuffer> | null)[] = [];
  readonly #path: string;
  readonly #mostChunks: number;
  /** What is being filled: the last chunk in memory, or the one that goes to the file next. */
  #open: Uint32Array<SharedArrayBuffer> = sharedUint32(0);
  #openAt = 0;
  #used = 0;
  #file: number | null = null;

  /**
   * @param memoryBytes - What may stay in memory, in chunks of 16 MB; one more is filled there before it is written.
   * @param path - Made when it is needed; whoever gave the path removes it.
   */
  constructor(memoryBytes: number, path: string) {
    this.#mostChunks = Math.floor(memoryBytes / 4 / CHUNK);
    this.#path = path;
  }

  /** Appends the first `length` numbers of `from`, which stay together; answers their position. */
  append(from: Uint32Array, length: number): number {
    if (this.#used + length > this.#open.length) this.#next(length);
    this.#open.set(from.subarray(0, length), this.#used);
    const position = this.#openAt + this.#used;
    // Nothing follows an oversized record, which would look as if it lay in another chunk.
    this.#used = length > CHUNK ? this.#open.length : this.#used + length;
    return position;
  }

  /** Whether some of it is in the file. */
  get spilled(): boolean {
    return this.#file !== null;
  }

  /** All that was appended, to be read. */
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
