import { describe, expect, it } from 'vitest';
import { SeenHashes } from './seen-hashes.ts';

describe('SeenHashes', () => {
  it('recognises every added hash, beyond its initial size', () => {
    const seen = new SeenHashes();
    const hashes = Array.from({ length: 60_000 }, (_, at) => at.toString(16).padStart(13, '0').padEnd(32, '0'));
    expect(hashes.every((hash) => seen.add(hash))).toBe(true);
    expect(hashes.some((hash) => seen.add(hash))).toBe(false);
  });
});
