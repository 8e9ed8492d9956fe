import { ShingleReader } from './read-shingles.ts';
import { RepeatFilter } from './repeat-filter.ts';
import { BANDS, Sketch } from './sketch.ts';
import type { TextBlock } from './text-block.ts';

/**
 * Most different shingles of a short text. With so few a sketch of 128 bins misses pairs, so short texts are found by their
 * rarest shingles instead (chosen).
 */
export const SHORT = 40;

/** True if a text with `count` different shingles is indexed by its prefix shingles. */
export const isShort = (count: number): boolean => count <= SHORT;

/**
 * True if the text needs a MinHash sketch: long texts, and short ones long enough to match a long one at this threshold.
 * Texts in between are indexed both ways.
 */
export const needsSketch = (count: number, threshold: number): boolean => count >= SHORT * threshold;

/** Makes the records of texts. A record depends on its text only, so any thread may read any block. */
export class BlockReader {
  readonly #threshold: number;
  readonly #reader = new ShingleReader();
  readonly #repeats = new RepeatFilter();
  readonly #sketch = new Sketch();

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  read({ bytes, starts, textHashes, counts, records, sizes }: TextBlock): void {
    const reader = this.#reader;
    const texts = sizes[0] as number;
    let at = 0;
    for (let text = 0; text < texts; text++) {
      const all = reader.read(bytes, starts[text] as number, (starts[text + 1] as number) - 1, records, at);
      textHashes[2 * text] = reader.hashLow;
      textHashes[2 * text + 1] = reader.hashHigh;
      const count = this.#repeats.drop(records, at, all);
      counts[text] = count;
      if (needsSketch(count, this.#threshold)) {
        this.#sketch.write(records, at, count, records, at + count);
        at += BANDS;
      }
      at += count;
    }
    sizes[1] = at;
  }
}
