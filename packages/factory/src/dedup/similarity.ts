import type { ShingleStore } from './shingle-store.ts';

/** Exact Jaccard similarity of one text's shingle set to those of others, by a hash table that is emptied by counting up. */
export class Similarity {
  readonly #store: ShingleStore;
  #keys = new Uint32Array(4096);
  #round = new Uint32Array(4096);
  #met = new Uint32Array(4096);
  #mask = 4095;
  #rounds = 0;
  #meetings = 0;
  #marked = -1;
  /** Different shingles by text; 0: not counted yet. */
  readonly #distinct: Uint32Array;

  constructor(store: ShingleStore, texts: number) {
    this.#store = store;
    this.#distinct = new Uint32Array(texts);
  }

  /** 0..1; 1 for two texts without shingles. */
  between(text: number, other: number): number {
    const theirs = this.distinct(other);
    const ours = this.distinct(text);
    if (ours === 0 || theirs === 0) return ours === theirs ? 1 : 0;
    if (this.#marked !== text) this.#mark(text);
    const block = this.#store.block(other);
    const start = this.#store.start(other);
    const end = start + this.#store.count(other);
    const meeting = ++this.#meetings;
    const keys = this.#keys;
    const rounds = this.#round;
    const met = this.#met;
    const mask = this.#mask;
    const round = this.#rounds;
    let common = 0;
    for (let at = start; at < end; at++) {
      const hash = block[at] as number;
      let slot = hash & mask;
      while (rounds[slot] === round && keys[slot] !== hash) slot = (slot + 1) & mask;
      if (rounds[slot] === round && met[slot] !== meeting) {
        met[slot] = meeting;
        common++;
      }
    }
    return common / (ours + theirs - common);
  }

  /** Different shingles of a text. */
  distinct(text: number): number {
    if (this.#distinct[text] === 0 && this.#store.count(text) > 0) this.#mark(text);
    return this.#distinct[text] as number;
  }

  #mark(text: number): void {
    const count = this.#store.count(text);
    if (count * 2 > this.#keys.length) {
      const size = 2 ** Math.ceil(Math.log2(count * 2));
      this.#keys = new Uint32Array(size);
      this.#round = new Uint32Array(size);
      this.#met = new Uint32Array(size);
      this.#mask = size - 1;
    }
    const block = this.#store.block(text);
    const start = this.#store.start(text);
    const round = ++this.#rounds;
    let distinct = 0;
    for (let at = start; at < start + count; at++) {
      const hash = block[at] as number;
      let slot = hash & this.#mask;
      while (this.#round[slot] === round && this.#keys[slot] !== hash) slot = (slot + 1) & this.#mask;
      if (this.#round[slot] !== round) {
        this.#round[slot] = round;
        this.#keys[slot] = hash;
        distinct++;
      }
    }
    this.#distinct[text] = distinct;
    this.#marked = text;
  }
}
