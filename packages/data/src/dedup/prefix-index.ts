import { sharedUint32 } from './shared-array.ts';

/** The tables of an index. They are replaced when it grows. */
export interface PrefixTables {
  /** Open addressing: pairs of a shingle and its newest entry + 1. */
  readonly heads: Uint32Array<SharedArrayBuffer>;
  /** Pairs of a text and the previous entry + 1. */
  readonly entries: Uint32Array<SharedArrayBuffer>;
}

/** Inverted index from shingles to texts. */
export class PrefixIndex implements PrefixTables {
  heads = sharedUint32(2 * 4096);
  entries = sharedUint32(2 * 4096);
  #used = 0;
  #count = 0;

  add(text: number, hash: number): void {
    if (2 * this.#count === this.entries.length) this.#growEntries();
    if (3 * this.#used > this.heads.length) this.#growHeads();
    const slot = slotOf(this.heads, hash);
    if (this.heads[2 * slot + 1] === 0) this.#used++;
    this.entries[2 * this.#count] = text;
    this.entries[2 * this.#count + 1] = this.heads[2 * slot + 1] as number;
    this.heads[2 * slot] = hash;
    this.heads[2 * slot + 1] = ++this.#count;
  }

  /** Removes all entries; the time grows with the size of the table. */
  clear(): void {
    this.heads.fill(0);
    this.#used = 0;
    this.#count = 0;
  }

  #growEntries(): void {
    const old = this.entries;
    this.entries = sharedUint32(old.length * 2);
    this.entries.set(old);
  }

  #growHeads(): void {
    const old = this.heads;
    this.heads = sharedUint32(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      const slot = slotOf(this.heads, old[at] as number);
      this.heads[2 * slot] = old[at] as number;
      this.heads[2 * slot + 1] = old[at + 1] as number;
    }
  }
}

/** The newest entry of a shingle, or 0; `nextEntry` gives the others. */
export const firstEntry = ({ heads }: PrefixTables, hash: number): number =>
  heads[2 * slotOf(heads, hash) + 1] as number;

/** The next older entry of the same shingle, or 0. */
export const nextEntry = ({ entries }: PrefixTables, entry: number): number => entries[2 * entry - 1] as number;

/** Text of an entry. */
export const textOfEntry = ({ entries }: PrefixTables, entry: number): number => entries[2 * entry - 2] as number;

function slotOf(heads: Uint32Array, hash: number): number {
  const mask = heads.length / 2 - 1;
  let slot = hash & mask;
  while (heads[2 * slot + 1] !== 0 && heads[2 * slot] !== hash) slot = (slot + 1) & mask;
  return slot;
}
