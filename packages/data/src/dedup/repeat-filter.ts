/** Removes repeated hashes from a list. The table is emptied by incrementing a round number. */
export class RepeatFilter {
  #hashes = new Uint32Array(1024);
  #metIn = new Uint32Array(1024);
  #round = 0;

  /** Moves the different hashes of `hashes[start..start + count)` to its front. @returns Their number. */
  drop(hashes: Uint32Array, start: number, count: number): number {
    if (count * 2 > this.#hashes.length) this.#grow(count);
    const met = this.#hashes;
    const metIn = this.#metIn;
    const mask = met.length - 1;
    const round = ++this.#round;
    let kept = start;
    for (let at = start, end = start + count; at < end; at++) {
      const hash = hashes[at] as number;
      let slot = hash & mask;
      while (metIn[slot] === round && met[slot] !== hash) slot = (slot + 1) & mask;
      if (metIn[slot] === round) continue;
      metIn[slot] = round;
      met[slot] = hash;
      hashes[kept++] = hash;
    }
    return kept - start;
  }

  #grow(count: number): void {
    const size = 2 ** Math.ceil(Math.log2(count * 2));
    this.#hashes = new Uint32Array(size);
    this.#metIn = new Uint32Array(size);
    this.#round = 0;
  }
}
