import { BANDS } from './sketch.ts';

/** Slots of a hash table by open addressing for so many entries: a power of two, filled to two thirds at most. */
export const tableSize = (entries: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(entries * 1.5 + 1)));

/** End of a chain. */
export const END = 0xffffffff;

/**
 * Turns band keys into chains, in place: `links[text * 16 + band]` becomes the next better text with the same key in that
 * band, or `END`. One table serves band after band, so that it stays in the cache where 16 would not.
 *
 * @param links - Band keys of all texts, row-major.
 * @param texts - Those that have keys, best first.
 */
export function linkBands(links: Uint32Array, texts: Uint32Array): void {
  const slots = tableSize(texts.length);
  const mask = slots - 1;
  // Pairs of key and newest text + 1.
  const table = new Uint32Array(slots * 2);
  for (let band = 0; band < BANDS; band++) {
    if (band > 0) table.fill(0);
    for (let place = 0; place < texts.length; place++) {
      const text = texts[place] as number;
      const at = text * BANDS + band;
      const key = links[at] as number;
      let slot = key & mask;
      while (table[2 * slot + 1] !== 0 && table[2 * slot] !== key) slot = (slot + 1) & mask;
      // No text yet is 0, and END one less.
      links[at] = (table[2 * slot + 1] as number) - 1;
      table[2 * slot] = key;
      table[2 * slot + 1] = text + 1;
    }
  }
}

/** The nearest keeper on the chain of `text` in `band`, or `END`; the chain is shortened to it for those who come after. */
export function nextKeeper(links: Uint32Array, keeper: Uint32Array, text: number, band: number): number {
  const at = text * BANDS + band;
  let other = links[at] as number;
  while (other !== END && keeper[other] !== other) other = links[other * BANDS + band] as number;
  links[at] = other;
  return other;
}
