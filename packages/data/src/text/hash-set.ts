/** Initial slots; longer texts make the set grow once (chosen). */
const FIRST_SLOTS = 2 ** 12;

/**
 * A set of 31-bit integers that is cleared in constant time and reused for text after text: scoring takes a third less time than
 * with a new `Set` for each (measured).
 */
export class HashSet {
  #keys = new Int32Array(FIRST_SLOTS);
  /** The round in which a slot was filled; slots of older rounds are free. */
  #rounds = new Uint32Array(FIRST_SLOTS);
  #round = 1;
  #size = 0;
  /** The top bits of the 32-bit hash choose the slot; this shift extracts them. */
  #shift = 32 - Math.log2(FIRST_SLOTS);

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#round++;
    this.#size = 0;
    if (this.#round < 2 ** 32) return;
    this.#rounds.fill(0);
    this.#round = 1;
  }

  /** @returns True if the key is new. */
  add(key: number): boolean {
    if (2 * this.#size >= this.#keys.length) this.#grow();
    const slot = this.#slotOf(key);
    if (this.#rounds[slot] === this.#round) return false;
    this.#rounds[slot] = this.#round;
    this.#keys[slot] = key;
    this.#size++;
    return true;
  }

  has(key: number): boolean {
    return this.#rounds[this.#slotOf(key)] === this.#round;
  }

  /** The slot of the key, or the free slot where it belongs. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> this.#shift;
    while (this.#rounds[slot] === this.#round && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const kept = this.#keys.filter((_, slot) => this.#rounds[slot] === this.#round);
    this.#keys = new Int32Array(2 * this.#keys.length);
    this.#shift--;
    this.#rounds = new Uint32Array(this.#keys.length);
    this.#round = 1;
    this.#size = 0;
    for (const key of kept) this.add(key);
  }
}
