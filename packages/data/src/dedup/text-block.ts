import { mostShingles } from './read-shingles.ts';
import { sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';

/** Most texts and bytes of a block: what is made of them fits the second cache of a core (chosen). */
const TEXTS = 1024;
const BYTES = 2 ** 18;

/** Bytes of UTF-8 that a UTF-16 unit becomes at most. */
const BYTES_A_UNIT = 3;

/** Some texts, and the records made of them; in shared memory, so that one thread fills it and any other reads it. */
export interface TextBlock {
  /** UTF-8, a zero byte after each text. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Where each text starts, and where the next would. */
  readonly starts: Uint32Array<SharedArrayBuffer>;
  /** 64 bits a text: those of its words in order. */
  readonly identities: Uint32Array<SharedArrayBuffer>;
  /** Different shingles of each text. */
  readonly counts: Uint32Array<SharedArrayBuffer>;
  /** Text after text its different shingles, then its 16 band keys if it is long enough for a sketch. */
  readonly records: Uint32Array<SharedArrayBuffer>;
  /** How many texts there are, how long all records together. */
  readonly sizes: Uint32Array<SharedArrayBuffer>;
}

/** @param bytes - Room for so much UTF-8. */
export function makeTextBlock(bytes: number = BYTES): TextBlock {
  return {
    bytes: new Uint8Array(new SharedArrayBuffer(bytes)),
    starts: sharedUint32(TEXTS + 1),
    identities: sharedUint32(2 * TEXTS),
    counts: sharedUint32(TEXTS),
    records: sharedUint32(mostShingles(bytes) + TEXTS * (BANDS + 1)),
    sizes: sharedUint32(2),
  };
}

/** Room that a text may need. */
export const bytesFor = (text: string): number => text.length * BYTES_A_UNIT + 1;

/**
 * Appends a text, a lone surrogate as U+FFFD, as everywhere in UTF-8.
 *
 * @param view - The bytes of the block once more, as a buffer.
 * @returns False where the block is full; it is as it was then.
 */
export function addText(block: TextBlock, view: Buffer<SharedArrayBuffer>, text: string): boolean {
  const count = block.sizes[0] as number;
  const start = block.starts[count] as number;
  if (count === TEXTS || start + bytesFor(text) > view.length) return false;
  const end = start + view.write(text, start, 'utf8');
  view[end] = 0;
  block.starts[count + 1] = end + 1;
  block.sizes[0] = count + 1;
  return true;
}

export function emptyBlock({ sizes }: TextBlock): void {
  sizes.fill(0);
}
