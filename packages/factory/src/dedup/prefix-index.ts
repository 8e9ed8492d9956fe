import type { ShingleStore } from './shingle-store.ts';

/** How often each shingle occurs, counted to 255 and never too low: hashes share counters. */
export class ShingleCounts {
  readonly #counts: Uint8Array;
  readonly #mask: number;

  constructor(texts: number) {
    const size = 2 ** Math.min(27, Math.max(16, Math.ceil(Math.log2(texts * 16 + 1))));
    this.#counts = new Uint8Array(size);
    this.#mask = size - 1;
  }

  add(hash: number): void {
    const at = hash & this.#mask;
    if ((this.#counts[at] as number) < 255) this.#counts[at]!++;
  }

  of(hash: number): number {
    return this.#counts[hash & this.#mask] as number;
  }
}

/** Occurrences above, hash below: one number a shingle, in the order that all texts share. */
const sorting = new Float64Array(64);

/**
 * Finds every text similar enough to a short one: sets with Jaccard similarity t or more share one of their rarest
 * n - ⌈t n⌉ + 1 shingles (prefix filtering; Chaudhuri, Ganti & Kaushik 2006), so only those are filed and looked up.
 */
export class PrefixIndex {
  readonly #store: ShingleStore;
  readonly #counts: ShingleCounts;
  readonly #threshold: number;
  /** Open addressing: pairs of shingle and newest entry + 1. */
  #heads = new Uint32Array(2 * 4096);
  #used = 0;
  /** Pairs of text and the entry before + 1. */
  #entries = new Uint32Array(2 * 4096);
  #count = 0;

  constructor(store: ShingleStore, counts: ShingleCounts, threshold: number) {
    this.#store = store;
    this.#counts = counts;
    this.#threshold = threshold;
  }

  /** Puts the rarest shingles of `text`, which are different ones, into `into`; those that nobody else has are left out. */
  rarest(text: number, into: Float64Array): number {
    const block = this.#store.block(text);
    const start = this.#store.start(text);
    const count = this.#store.count(text);
    let length = count - Math.ceil(this.#threshold * count - 1e-9) + 1;
    let shared = 0;
    for (let at = start; at < start + count; at++) {
      const hash = block[at] as number;
      const occurs = this.#counts.of(hash);
      if (occurs > 1) sorting[shared++] = occurs * 2 ** 32 + hash;
      // Rarest of all, and nobody's but this text's: no reason to meet anyone.
      else if (--length === 0) return 0;
    }
    sorting.subarray(0, shared).sort();
    length = Math.min(length, shared);
    for (let at = 0; at < length; at++) into[at] = (sorting[at] as number) % 2 ** 32;
    return length;
  }

  /** Walks over the texts filed under a shingle: `first`, then `next` until it gives 0; `text` of what they give. */
  first(hash: number): number {
    return this.#heads[2 * this.#slot(hash) + 1] as number;
  }

  next(entry: number): number {
    return this.#entries[2 * entry - 1] as number;
  }

  text(entry: number): number {
    return this.#entries[2 * entry - 2] as number;
  }

  add(text: number, hash: number): void {
    if (2 * this.#count === this.#entries.length) this.#entries = grown(this.#entries);
    if (3 * this.#used > this.#heads.length) this.#spread();
    const slot = this.#slot(hash);
    if (this.#heads[2 * slot + 1] === 0) this.#used++;
    this.#entries[2 * this.#count] = text;
    this.#entries[2 * this.#count + 1] = this.#heads[2 * slot + 1] as number;
    this.#heads[2 * slot] = hash;
    this.#heads[2 * slot + 1] = ++this.#count;
  }

  #slot(hash: number): number {
    const mask = this.#heads.length / 2 - 1;
    let slot = hash & mask;
    while (this.#heads[2 * slot + 1] !== 0 && this.#heads[2 * slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #spread(): void {
    const old = this.#heads;
    this.#heads = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      const slot = this.#slot(old[at] as number);
      this.#heads[2 * slot] = old[at] as number;
      this.#heads[2 * slot + 1] = old[at + 1] as number;
    }
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
