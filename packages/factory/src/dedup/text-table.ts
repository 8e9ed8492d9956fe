import { isSketched } from './block-reader.ts';
import { BANDS } from './sketch.ts';
import type { TextBlock } from './text-block.ts';

/** What is known of each text besides its record, in the order of the input. */
export class TextTable {
  count = 0;
  /** 64 bits a text, in two: those of its words in order. */
  identities = new Uint32Array(2 * 4096);
  /** Different shingles. */
  shingles = new Uint32Array(4096);
  /** Where its record lies. */
  positions = new Float64Array(4096);
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
    this.identities = new Uint32Array(2 * room);
    this.identities.set(identities);
    this.shingles = new Uint32Array(room);
    this.shingles.set(shingles);
    this.positions = new Float64Array(room);
    this.positions.set(positions);
  }
}
