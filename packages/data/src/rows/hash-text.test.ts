import { expect, it } from 'vitest';
import { hashText } from './hash-text.ts';

it('hashes as FNV-1a does', () => {
  // Test vectors of RFC 9923 for 32 bits.
  expect(['', 'a', 'foobar'].map(hashText)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});
