import { isSketched } from './block-reader.ts';
import type { Catalogue } from './catalogue.ts';
import { BANDS } from './sketch.ts';

/** Slots of a hash table by open addressing for so many entries: a power of two, filled to two thirds at most. */
export const tableSize = (entries: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(entries * 1.5 + 1)));

/** No text: the end of a chain. */
export const NONE = 0xffffffff;

/**
 * Turns the keys of a band into chains, in place: `links[text * 16 + band]` becomes the next better text with the same key
 * in that band, or `NONE`. One table serves band after band, so that it stays in the cache where 16 would not.
 */
export class BandLinker {
  readonly #catalogue: Pick<Catalogue, 'links' | 'counts' | 'threshold'>;
  /** Pairs of key and worst text so far + 1. */
  #table: Uint32Array | null = null;

  constructor(catalogue: Pick<Catalogue, 'links' | 'counts' | 'threshold'>) {
    this.#catalogue = catalogue;
  }

  link(band: number): void {
    const { links, counts, threshold } = this.#catalogue;
    const texts = counts.length;
    const slots = tableSize(texts);
    const mask = slots - 1;
    const table = this.#table?.fill(0) ?? new Uint32Array(slots * 2);
    this.#table = table;
    for (let text = 0; text < texts; text++) {
      if (!isSketched(counts[text] as number, threshold)) continue;
      const at = text * BANDS + band;
      const key = links[at] as number;
      let slot = key & mask;
      while (table[2 * slot + 1] !== 0 && table[2 * slot] !== key) slot = (slot + 1) & mask;
      // No text yet is 0, and NONE one less.
      links[at] = (table[2 * slot + 1] as number) - 1;
      table[2 * slot] = key;
      table[2 * slot + 1] = text + 1;
    }
  }
}
