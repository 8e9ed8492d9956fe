import { createRandom } from '@cogumi/pure';
import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
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

  it('takes linear time beyond a million keys', () => {
    const fill = (keys: number) => {
      const set = new HashSet();
      for (let key = 0; key < keys; key++) set.add(Math.imul(key, 0x2c1b3c6d) & 0x7fffffff);
    };
    expect(timeGrowth(fill, 300_000, 1_200_000)).toBeLessThan(4 * 5);
  });
});
