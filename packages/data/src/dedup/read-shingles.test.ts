import { describe, expect, it } from 'vitest';
import { mostShingles, ShingleReader } from './read-shingles.ts';

const reader = new ShingleReader();

/** Shingles and hash of a text. */
function read(text: string) {
  const bytes = Buffer.from(`${text}\0`);
  const hashes = new Uint32Array(mostShingles(bytes.length));
  const count = reader.read(bytes, 0, bytes.length - 1, hashes, 0);
  return { hashes: [...hashes.subarray(0, count)], hash: [reader.hashLow, reader.hashHigh] };
}

describe('ShingleReader', () => {
  it('makes one shingle of every three consecutive words, and one of a shorter text', () => {
    const counts = ['', '…', '+', 'one', 'one two', 'one two three', 'one two three four', 'a b c a b c'].map(
      (text) => read(text).hashes.length,
    );
    expect(counts).toEqual([0, 0, 1, 1, 1, 1, 2, 4]);
    expect(new Set(read('a b c a b c').hashes).size).toBe(3);
  });

  it('distinguishes word order and word borders', () => {
    expect(read('one two three').hashes).not.toEqual(read('three two one').hashes);
    expect(read('one two three four').hash).not.toEqual(read('one two four three').hash);
    expect(read('ab c').hash).not.toEqual(read('a bc').hash);
  });

  it('never makes more shingles than mostShingles says', () => {
    for (const text of ['a b c d e f g', '深層学習モデル', 'x', ''])
      expect(read(text).hashes.length).toBeLessThanOrEqual(mostShingles(Buffer.byteLength(text)));
  });
});
