/** Counts how often each shingle occurs, up to 255. Hashes share counters, so a count may be too high, never too low. */
export class ShingleCounts {
  readonly counters: Uint8Array<SharedArrayBuffer>;
  readonly #mask: number;

  constructor(counters: Uint8Array<SharedArrayBuffer>) {
    this.counters = counters;
    this.#mask = counters.length - 1;
  }

  /** 16 counters a text, at most 128 MB (chosen). */
  static for(texts: number): ShingleCounts {
    const size = 2 ** Math.min(27, Math.max(16, Math.ceil(Math.log2(texts * 16 + 1))));
    return new ShingleCounts(new Uint8Array(new SharedArrayBuffer(size)));
  }

  /** Counts a shingle if its counter lies in `[from, to)`: each thread owns a range of counters. */
  addWithin(from: number, to: number, hash: number): void {
    const at = hash & this.#mask;
    if (at >= from && at < to && (this.counters[at] as number) < 255) this.counters[at]!++;
  }

  of(hash: number): number {
    return this.counters[hash & this.#mask] as number;
  }
}
