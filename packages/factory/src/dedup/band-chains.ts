import { isSketched } from './block-reader.ts';
import { BANDS } from './sketch.ts';

/** Slots of a hash table by open addressing for so many entries: a power of two, filled to two thirds at most. */
export const tableSize = (entries: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(entries * 1.5 + 1)));

/** No text: the end of a chain. */
export const NONE = 0xffffffff;

/**
 * Turns the keys of some bands into chains, in place: `links[text * 16 + band]` becomes the next better text with the same
 * key in that band, or `NONE`. One table serves band after band, so that it stays in the cache where 16 would not.
 *
 * @param links - Band keys of all texts from the best to the worst, row-major.
 * @param counts - Shingles of each; those too short for a sketch have no keys.
 */
export function linkBands(links: Uint32Array, counts: Uint32Array, threshold: number, from: number, to: number): void {
  const texts = counts.length;
  const slots = tableSize(texts);
  const mask = slots - 1;
  // Pairs of key and worst text so far + 1.
  const table = new Uint32Array(slots * 2);
  for (let band = from; band < to; band++) {
    if (band > from) table.fill(0);
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
