import { needsSketch } from './block-reader.ts';
import { sharedFloat64, sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';
import type { TextBlock } from './text-block.ts';

/** Everything about each text except its record, in input order; in shared memory. */
export class TextTable {
  count = 0;
  /** Two 32-bit halves a text: a hash of its words in order. */
  textHashes = sharedUint32(2 * 4096);
  /** Number of different shingles. */
  shingles = sharedUint32(4096);
  /** Position of the record. */
  positions = sharedFloat64(4096);
  readonly #threshold: number;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** @param position - Position of the first record of the block. */
  append({ sizes, textHashes, counts }: TextBlock, position: number): void {
    const texts = sizes[0] as number;
    this.#makeRoom(this.count + texts);
    this.textHashes.set(textHashes.subarray(0, 2 * texts), 2 * this.count);
    this.shingles.set(counts.subarray(0, texts), this.count);
    for (let text = 0; text < texts; text++) {
      const count = counts[text] as number;
      this.positions[this.count++] = position;
      position += needsSketch(count, this.#threshold) ? count + BANDS : count;
    }
  }

  #makeRoom(texts: number): void {
    if (texts <= this.shingles.length) return;
    const room = Math.max(texts, 2 * this.shingles.length);
    const { textHashes, shingles, positions } = this;
    this.textHashes = sharedUint32(2 * room);
    this.textHashes.set(textHashes);
    this.shingles = sharedUint32(room);
    this.shingles.set(shingles);
    this.positions = sharedFloat64(room);
    this.positions.set(positions);
  }
}
