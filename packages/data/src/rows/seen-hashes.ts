const FIRST_SLOTS = 2 ** 14;
/** Share of used slots at which the table grows (chosen). */
const FULL = 0.6;

/**
 * A set of hashes by 52 of their bits: 13 to 27 bytes each; a set of strings would take a hundred. The probability that two
 * different hashes count as equal is 1 in 90 among ten million, 1 in 450 among 4.5 million.
 */
export class SeenHashes {
  #slots = new Float64Array(FIRST_SLOTS);
  #used = 0;

  /**
   * @param hash - At least 13 hex digits.
   * @returns True if the hash is new.
   */
  add(hash: string): boolean {
    if (this.#used > FULL * this.#slots.length) this.#grow();
    // 0 marks a free slot.
    const added = this.#insert(Number.parseInt(hash.slice(0, 13), 16) * 2 + 1);
    if (added) this.#used++;
    return added;
  }

  #insert(key: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = Math.imul((key % 0x7fffffff) | 0, 0x9e3779b1) & mask;
    while (this.#slots[slot] !== 0) {
      if (this.#slots[slot] === key) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = key;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(2 * old.length);
    for (const key of old) if (key !== 0) this.#insert(key);
  }
}
