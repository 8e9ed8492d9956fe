import { isSketched } from './block-reader.ts';
import { sharedFloat64, sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';
import type { TextBlock } from './text-block.ts';

/** What is known of each text besides its record, in the order of the input; in shared memory. */
export class TextTable {
  count = 0;
  /** 64 bits a text, in two: those of its words in order. */
  identities = sharedUint32(2 * 4096);
  /** Different shingles. */
  shingles = sharedUint32(4096);
  /** Where its record lies. */
  positions = sharedFloat64(4096);
  readonly #threshold: number;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** @param position - Where the first record of the block lies. */
  append({ sizes, identities, counts }: TextBlock, position: number): void {
    const texts = sizes[0] as number;
    this.#makeRoom(this.count + texts);
    this.identities.set(identities.subarray(0, 2 * texts), 2 * this.count);
    this.shingles.set(counts.subarray(0, texts), this.count);
    for (let text = 0; text < texts; text++) {
      const count = counts[text] as number;
      this.positions[this.count++] = position;
      position += isSketched(count, this.#threshold) ? count + BANDS : count;
    }
  }

  #makeRoom(texts: number): void {
    if (texts <= this.shingles.length) return;
    const room = Math.max(texts, 2 * this.shingles.length);
    const { identities, shingles, positions } = this;
    this.identities = sharedUint32(2 * room);
    this.identities.set(identities);
    this.shingles = sharedUint32(room);
    this.shingles.set(shingles);
    this.positions = sharedFloat64(room);
    this.positions.set(positions);
  }
}
