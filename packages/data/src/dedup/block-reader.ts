import { ShingleReader } from './read-shingles.ts';
import { RepeatFilter } from './repeat-filter.ts';
import { BANDS, Sketch } from './sketch.ts';
import type { TextBlock } from './text-block.ts';

/**
 * Different shingles up to which a sketch of 128 bins loses pairs, so that rare shingles are looked up instead (chosen).
 */
export const SHORT = 40;

/** Whether a text of so many different shingles is found by its rarest ones. */
export const isShort = (count: number): boolean => count <= SHORT;

/** Whether it has a sketch: all texts that may be similar to one that is not short. Some have both. */
export const isSketched = (count: number, threshold: number): boolean => count >= SHORT * threshold;

/** Makes the records of texts: a pure function of each, so that any thread may do it. */
export class BlockReader {
  readonly #threshold: number;
  readonly #reader = new ShingleReader();
  readonly #repeats = new RepeatFilter();
  readonly #sketch = new Sketch();

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  read({ bytes, starts, identities, counts, records, sizes }: TextBlock): void {
    const reader = this.#reader;
    const texts = sizes[0] as number;
    let at = 0;
    for (let text = 0; text < texts; text++) {
      const all = reader.read(bytes, starts[text] as number, (starts[text + 1] as number) - 1, records, at);
      identities[2 * text] = reader.identityLow;
      identities[2 * text + 1] = reader.identityHigh;
      const count = this.#repeats.drop(records, at, all);
      counts[text] = count;
      if (isSketched(count, this.#threshold)) {
        this.#sketch.write(records, at, count, records, at + count);
        at += BANDS;
      }
      at += count;
    }
    sizes[1] = at;
  }
}
