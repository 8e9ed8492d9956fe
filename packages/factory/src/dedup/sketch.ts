import { mix } from './read-shingles.ts';

/** Hashes of a sketch (spec D5). */
const BINS = 128;
/** Groups of eight that are looked up together: pairs at Jaccard 0.8 meet in one of them with 95%, at 0.9 with 99.99%. */
export const BANDS = 16;
const ROWS = BINS / BANDS;

const BIN_SHIFT = 25;
const EMPTY = 0xffffffff;

/** For each bin whom it asks for a value when it is empty, in turn: a random walk, the same for all texts. */
const LENDERS = Uint8Array.from({ length: BINS * BINS }, (_, at) => mix(Math.imul(at + 1, 0x2545f491)) & (BINS - 1));

/**
 * One-permutation MinHash (Li, Owen & Zhang 2012): each hash falls into one of 128 bins, whose least it may be. One hash
 * a shingle, not 128.
 */
export class Sketch {
  readonly #bins = new Uint32Array(BINS);
  readonly #filled = new Uint32Array(BINS);

  /**
   * Takes the sketch of `hashes[start..start + count)`.
   *
   * @returns How many bins are filled: at most as many as there are different shingles.
   */
  take(hashes: Uint32Array, start: number, count: number): number {
    const bins = this.#bins;
    bins.fill(EMPTY);
    let used = 0;
    for (let at = start; at < start + count; at++) {
      const hash = hashes[at] as number;
      const bin = hash >>> BIN_SHIFT;
      const least = bins[bin] as number;
      if (least === EMPTY) used++;
      if (hash < least) bins[bin] = hash;
    }
    return used;
  }

  /**
   * Band keys of what was taken last; empty bins borrow from random others (optimal densification, Shrivastava 2017).
   *
   * @param into - Receives 16 keys from `at` on.
   */
  writeKeys(into: Uint32Array, at: number): void {
    const bins = this.#bins;
    const filled = this.#filled;
    for (let bin = 0; bin < BINS; bin++) {
      let value = bins[bin] as number;
      for (let step = bin * BINS, end = step + BINS; value === EMPTY && step < end; step++) {
        value = bins[LENDERS[step] as number] as number;
      }
      filled[bin] = value;
    }
    for (let band = 0, bin = 0; band < BANDS; band++) {
      let key = Math.imul(band + 1, 0x9e3779b1);
      for (const end = bin + ROWS; bin < end; bin++) {
        key = Math.imul((key << 13) ^ (key >>> 19) ^ (filled[bin] as number), 0x85ebca6b);
      }
      into[at + band] = mix(key);
    }
  }
}
