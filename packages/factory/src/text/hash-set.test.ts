import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { HashSet } from './hash-set.ts';

describe('HashSet', () => {
  it('does as a Set does, beyond its first size and round after round', () => {
    const random = createRandom('hash-set');
    const ours = new HashSet();
    for (const size of [10, 20_000, 100]) {
      const theirs = new Set<number>();
      ours.clear();
      for (let at = 0; at < size; at++) {
        const key = random.integer(0, size);
        expect(ours.add(key)).toBe(!theirs.has(key));
        theirs.add(key);
      }
      expect(ours.size).toBe(theirs.size);
      for (let key = 0; key <= size; key++) expect(ours.has(key)).toBe(theirs.has(key));
    }
  });
});
