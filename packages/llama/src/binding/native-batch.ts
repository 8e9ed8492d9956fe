import koffi from 'koffi';
import type { Library, Pointer } from './library.ts';

/** One token in a pass. */
export interface Entry {
  readonly token: number;
  readonly position: number;
  readonly sequence: number;
  /** True: compute logits for this token. */
  readonly output: boolean;
}

/** Views that are kept: more than a pass has outputs (chosen). */
const MOST_ROWS = 1024;

/** A `llama_batch` in native memory, written through typed arrays. */
export class NativeBatch {
  readonly #struct: Record<string, Pointer>;
  readonly #token: Int32Array;
  readonly #position: Int32Array;
  readonly #sequence: readonly Int32Array[];
  readonly #output: Int8Array;
  readonly size: number;

  /** @param size - Most tokens in a pass. */
  constructor(llama: Library, size: number) {
    this.size = size;
    this.#struct = llama.createBatch(size, 0, 1) as Record<string, Pointer>;
    const ints = (pointer: Pointer, count: number) => new Int32Array(koffi.view(pointer, count * 4));
    this.#token = ints(this.#struct.token, size);
    this.#position = ints(this.#struct.pos, size);
    this.#sequence = Array.from({ length: size }, (_, at) =>
      ints(koffi.decode(this.#struct.seq_id, at * 8, 'void *'), 1),
    );
    this.#output = new Int8Array(koffi.view(this.#struct.logits, size));
    ints(this.#struct.n_seq_id, size).fill(1);
  }

  /** Writes the entries and returns the struct for `decode`. */
  filled(entries: readonly Entry[]): Record<string, Pointer> {
    if (entries.length > this.size)
      throw new RangeError(`${entries.length} tokens do not fit into a pass of ${this.size}`);
    entries.forEach(({ token, position, sequence, output }, at) => {
      this.#token[at] = token;
      this.#position[at] = position;
      (this.#sequence[at] as Int32Array)[0] = sequence;
      this.#output[at] = Number(output);
    });
    return { ...this.#struct, n_tokens: entries.length };
  }
}

/**
 * Views of rows of floats in native memory; nothing is copied. llama.cpp gives the same few addresses again and again, and making a view
 * takes longer than to read a vocabulary of 500 tokens (measured: 5% of a small model's process), so they are kept.
 */
export class FloatRows {
  readonly #length: number;
  readonly #views = new Map<bigint, Float32Array>();

  /** @param length - Values of a row. */
  constructor(length: number) {
    this.#length = length;
  }

  at(pointer: Pointer): Float32Array {
    if (!pointer) throw new RangeError('llama.cpp has no output for this token');
    const address = koffi.address(pointer);
    let view = this.#views.get(address);
    if (!view) {
      // When llama.cpp moves its buffer, the old addresses are not given again, or for another row of the same length.
      if (this.#views.size >= MOST_ROWS) this.#views.clear();
      view = new Float32Array(koffi.view(pointer, this.#length * 4));
      this.#views.set(address, view);
    }
    return view;
  }
}
