import { separateWords } from '../text/separate-words.ts';
import { mostShingles } from './read-shingles.ts';
import { sharedUint32 } from './shared-array.ts';
import { BANDS } from './sketch.ts';

/** Most texts and bytes of a block: their records fit the L2 cache of a core (chosen). */
const TEXTS = 1024;
const BYTES = 2 ** 18;

/** Most UTF-8 bytes of a UTF-16 unit. */
const BYTES_A_UNIT = 3;

/** Some texts and their records, in shared memory: one thread fills it and any other reads it. */
export interface TextBlock {
  /** UTF-8, a zero byte after each text. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Start of each text, then the end of the last. */
  readonly starts: Uint32Array<SharedArrayBuffer>;
  /** Two 32-bit halves a text: a hash of its words in order. */
  readonly textHashes: Uint32Array<SharedArrayBuffer>;
  /** Number of different shingles of each text. */
  readonly counts: Uint32Array<SharedArrayBuffer>;
  /** For each text its different shingles, then its 16 band keys if it needs a sketch. */
  readonly records: Uint32Array<SharedArrayBuffer>;
  /** Number of texts, then the length of all records. */
  readonly sizes: Uint32Array<SharedArrayBuffer>;
}

/** @param bytes - Room for UTF-8 text. */
export function makeTextBlock(bytes: number = BYTES): TextBlock {
  return {
    bytes: new Uint8Array(new SharedArrayBuffer(bytes)),
    starts: sharedUint32(TEXTS + 1),
    textHashes: sharedUint32(2 * TEXTS),
    counts: sharedUint32(TEXTS),
    records: sharedUint32(mostShingles(bytes) + TEXTS * (BANDS + 1)),
    sizes: sharedUint32(2),
  };
}

/** Upper bound of the bytes that a text needs whose words are separated. */
const bytesFor = (text: string): number => text.length * BYTES_A_UNIT + 1;

/** A block with room for one text, however long. */
export function blockFor(text: string): TextBlock {
  return makeTextBlock(Math.max(bytesFor(text), bytesFor(separateWords(text))));
}

/**
 * Appends a text, its words separated. A lone surrogate becomes U+FFFD.
 *
 * @param view - A buffer over `block.bytes`.
 * @returns False if the block has no room; its texts are unchanged then.
 */
export function addText(block: TextBlock, view: Buffer<SharedArrayBuffer>, text: string): boolean {
  const count = block.sizes[0] as number;
  const start = block.starts[count] as number;
  if (count === TEXTS || start + bytesFor(text) > view.length) return false;
  let end = start + view.write(text, start, 'utf8');
  // A byte a character: all ASCII, and the reader ignores case.
  if (end - start !== text.length) {
    const separated = separateWords(text);
    if (start + bytesFor(separated) > view.length) return false;
    end = start + view.write(separated, start, 'utf8');
  }
  view[end] = 0;
  block.starts[count + 1] = end + 1;
  block.sizes[0] = count + 1;
  return true;
}

export function emptyBlock({ sizes }: TextBlock): void {
  sizes.fill(0);
}
