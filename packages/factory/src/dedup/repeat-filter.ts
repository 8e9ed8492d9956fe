/** Drops hashes that a text has more than once; its table is emptied by counting up. */
export class RepeatFilter {
  readonly #most: number;
  readonly #met: Uint32Array;
  readonly #metIn: Uint32Array;
  #round = 0;

  /** @param most - Texts with more different hashes are left as they are. */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(most * 8));
    this.#most = most;
    this.#met = new Uint32Array(size);
    this.#metIn = new Uint32Array(size);
  }

  /** Moves the different hashes of `hashes[start..start + count)` to its front; answers how many there are then. */
  drop(hashes: Uint32Array, start: number, count: number): number {
    const met = this.#met;
    const metIn = this.#metIn;
    const mask = met.length - 1;
    const round = ++this.#round;
    let kept = 0;
    for (let at = start; at < start + count; at++) {
      const hash = hashes[at] as number;
      let slot = hash & mask;
      while (metIn[slot] === round && met[slot] !== hash) slot = (slot + 1) & mask;
      if (metIn[slot] === round) continue;
      if (kept > this.#most) return count;
      metIn[slot] = round;
      met[slot] = hash;
      hashes[start + kept++] = hash;
    }
    return kept;
  }
}
