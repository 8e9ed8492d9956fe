import { mix } from './read-shingles.ts';

/** Hashes of a sketch (spec D5). */
const BINS = 128;
/** Groups of eight that are looked up together: pairs at Jaccard 0.8 meet in one of them with 95%, at 0.9 with 99.99%. */
export const BANDS = 16;
const ROWS = BINS / BANDS;

const BIN_SHIFT = 25;
/** What of a hash is compared inside its bin. */
const VALUE = 2 ** BIN_SHIFT - 1;

/** Where an empty bin starts to look for a value: a random place for each, the same for all texts. */
const LENDERS = Uint8Array.from({ length: BINS }, (_, bin) => mix(Math.imul(bin + 1, 0x2545f491)) & (BINS - 1));

/**
 * One-permutation MinHash (Li, Owen & Zhang 2012): each hash falls into one of 128 bins, whose greatest it may be. One
 * hash a shingle, not 128. An empty bin starts at a random place and borrows from the first filled one (densification;
 * Shrivastava 2017 throws anew until one is filled, which is as good and took six times as long here).
 */
export class Sketch {
  /** 0: empty. */
  readonly #bins = new Int32Array(BINS);
  /** For each bin its own value, or that of the nearest filled one before it. */
  readonly #nearest = new Int32Array(BINS);

  /**
   * Writes the band keys of `hashes[start..start + count)`, at least one hash.
   *
   * @param into - Receives 16 keys from `at` on.
   */
  write(hashes: Uint32Array, start: number, count: number, into: Uint32Array, at: number): void {
    const bins = this.#bins;
    bins.fill(0);
    for (let place = start, end = start + count; place < end; place++) {
      const hash = hashes[place] as number;
      const value = (hash & VALUE) + 1;
      if (value > (bins[hash >>> BIN_SHIFT] as number)) bins[hash >>> BIN_SHIFT] = value;
    }

    const nearest = this.#nearest;
    let last = 0;
    for (let bin = BINS - 1; last === 0; bin--) last = bins[bin] as number;
    for (let bin = 0; bin < BINS; bin++) {
      const value = bins[bin] as number;
      // Without a branch, that no processor could foresee: all ones where the bin is empty.
      last = value | (last & ((value - 1) >> 31));
      nearest[bin] = last;
    }
    for (let band = 0, bin = 0; band < BANDS; band++) {
      let key = Math.imul(band + 1, 0x9e3779b1);
      for (const end = bin + ROWS; bin < end; bin++) {
        const own = bins[bin] as number;
        const value = own | ((nearest[LENDERS[bin] as number] as number) & ((own - 1) >> 31));
        key = Math.imul((key << 13) ^ (key >>> 19) ^ value, 0x85ebca6b);
      }
      into[at + band] = mix(key);
    }
  }
}
