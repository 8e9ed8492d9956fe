import { describe, expect, it } from 'vitest';
import { mostShingles, ShingleReader } from './read-shingles.ts';

const reader = new ShingleReader();

/** Shingles and identity of a text. */
function read(text: string) {
  const bytes = Buffer.from(`${text}\0`);
  const hashes = new Uint32Array(mostShingles(bytes.length));
  const count = reader.read(bytes, 0, bytes.length - 1, hashes, 0);
  return { hashes: [...hashes.subarray(0, count)], identity: [reader.identityLow, reader.identityHigh] };
}

describe('ShingleReader', () => {
  it('makes one shingle of every three words, and one of fewer', () => {
    const counts = ['', '…', 'one', 'one two', 'one two three', 'one two three four', 'a b c a b c'].map(
      (text) => read(text).hashes.length,
    );
    // An ellipsis is beyond ASCII and counts as a letter.
    expect(counts).toEqual([0, 1, 1, 1, 1, 2, 4]);
    expect(new Set(read('a b c a b c').hashes).size).toBe(3);
  });

  it('knows words apart from their order', () => {
    expect(read('one two three').hashes).not.toEqual(read('three two one').hashes);
    expect(read('one two three four').identity).not.toEqual(read('one two four three').identity);
    expect(read('ab c').identity).not.toEqual(read('a bc').identity);
  });

  it('never makes more shingles than it says', () => {
    for (const text of ['a b c d e f g', '深層学習モデル', 'x', ''])
      expect(read(text).hashes.length).toBeLessThanOrEqual(mostShingles(Buffer.byteLength(text)));
  });
});
