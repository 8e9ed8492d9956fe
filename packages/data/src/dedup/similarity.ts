import type { RecordReader } from './record-reader.ts';

/** Exact Jaccard similarity of shingle sets, by a hash table that is emptied by incrementing a round number. */
export class Similarity {
  readonly #records: RecordReader;
  readonly #positions: Float64Array;
  readonly #counts: Uint32Array;
  readonly #threshold: number;
  #hashes = new Uint32Array(1024);
  #markedIn = new Uint32Array(1024);
  #round = 0;
  #marked = -1;

  /** @param threshold - A smaller similarity is reported as 0. */
  constructor(records: RecordReader, positions: Float64Array, counts: Uint32Array, threshold: number) {
    this.#records = records;
    this.#positions = positions;
    this.#counts = counts;
    this.#threshold = threshold;
  }

  /** Similarity of two texts that have shingles: `threshold`..1, or 0 if it is smaller. Faster when `text` repeats. */
  between(text: number, other: number): number {
    const ours = this.#counts[text] as number;
    const theirs = this.#counts[other] as number;
    // Shared shingles needed to reach the threshold: J >= t means common >= t / (1 + t) of the sum of both sizes.
    const needed = Math.ceil((this.#threshold / (1 + this.#threshold)) * (ours + theirs) - 1e-9);
    let spare = theirs - needed;
    if (spare < 0 || needed > ours) return 0;
    if (this.#marked !== text) this.#mark(text, ours);
    this.#records.seek(this.#positions[other] as number, theirs);
    const { numbers, start } = this.#records;
    const hashes = this.#hashes;
    const markedIn = this.#markedIn;
    const mask = hashes.length - 1;
    const round = this.#round;
    for (let at = start, end = start + theirs; at < end; at++) {
      const hash = numbers[at] as number;
      let slot = hash & mask;
      while (markedIn[slot] === round && hashes[slot] !== hash) slot = (slot + 1) & mask;
      if (markedIn[slot] !== round && --spare < 0) return 0;
    }
    const common = needed + spare;
    return common / (ours + theirs - common);
  }

  #mark(text: number, count: number): void {
    if (count * 2 > this.#hashes.length) {
      const size = 2 ** Math.ceil(Math.log2(count * 2));
      this.#hashes = new Uint32Array(size);
      this.#markedIn = new Uint32Array(size);
      this.#round = 0;
    }
    this.#records.seek(this.#positions[text] as number, count);
    const { numbers, start } = this.#records;
    const hashes = this.#hashes;
    const markedIn = this.#markedIn;
    const mask = hashes.length - 1;
    const round = ++this.#round;
    for (let at = start, end = start + count; at < end; at++) {
      const hash = numbers[at] as number;
      let slot = hash & mask;
      while (markedIn[slot] === round) slot = (slot + 1) & mask;
      markedIn[slot] = round;
      hashes[slot] = hash;
    }
    this.#marked = text;
  }
}
