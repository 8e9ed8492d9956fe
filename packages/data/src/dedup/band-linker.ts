import { needsSketch } from './block-reader.ts';
import type { CandidateIndex } from './candidate-index.ts';
import { BANDS } from './sketch.ts';

/** Slots of an open-addressing hash table for `entries`: a power of two, at most two thirds full. */
export const tableSize = (entries: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(entries * 1.5 + 1)));

/** End of a chain: no text has this number. */
export const NONE = 0xffffffff;

/**
 * Turns the keys of a band into chains, in place: `links[text * 16 + band]` becomes the text with the same key in that band
 * and the next higher priority, or `NONE`. One table is reused band after band: it fits the cache, 16 tables would not.
 */
export class BandLinker {
  readonly #index: Pick<CandidateIndex, 'links' | 'counts' | 'threshold'>;
  /** Pairs of a key and the last text that has it, plus 1 (0: empty slot). */
  #table: Uint32Array | null = null;

  constructor(index: Pick<CandidateIndex, 'links' | 'counts' | 'threshold'>) {
    this.#index = index;
  }

  link(band: number): void {
    const { links, counts, threshold } = this.#index;
    const texts = counts.length;
    const slots = tableSize(texts);
    const mask = slots - 1;
    const table = this.#table?.fill(0) ?? new Uint32Array(slots * 2);
    this.#table = table;
    for (let text = 0; text < texts; text++) {
      if (!needsSketch(counts[text] as number, threshold)) continue;
      const at = text * BANDS + band;
      const key = links[at] as number;
      let slot = key & mask;
      while (table[2 * slot + 1] !== 0 && table[2 * slot] !== key) slot = (slot + 1) & mask;
      // An empty slot holds 0, which becomes NONE.
      links[at] = (table[2 * slot + 1] as number) - 1;
      table[2 * slot] = key;
      table[2 * slot + 1] = text + 1;
    }
  }
}
