/** A Bloom filter with one hash function: false positives are possible, false negatives are not. It saves lookups in a slower map. */
export class BloomFilter {
  readonly #bits: Uint32Array;
  readonly #shift: number;

  /** @param members - Number of members; at most one lookup in 32 is a false positive. */
  constructor(members: number) {
    const log2 = Math.min(31, Math.max(10, Math.ceil(Math.log2(members * 32))));
    this.#bits = new Uint32Array(2 ** (log2 - 5));
    this.#shift = 32 - log2;
  }

  add(hash: number): void {
    const bit = Math.imul(hash, 0x9e3779b1) >>> this.#shift;
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31));
  }

  mayHave(hash: number): boolean {
    const bit = Math.imul(hash, 0x9e3779b1) >>> this.#shift;
    return ((this.#bits[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
  }
}
