import { describe, expect, it } from 'vitest';
import { shareOut } from './share-out.ts';

describe('shareOut', () => {
  it('gives what is left over to the largest remainders', () => {
    expect(shareOut(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(shareOut(7, [5, 3, 1])).toEqual([4, 2, 1]);
  });

  it('always adds up, also where most get nothing', () => {
    for (const total of [1, 2, 99]) {
      const shares = shareOut(total, [8, 1, 1, 0]);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
      expect(shares[3]).toBe(0);
    }
    expect(shareOut(1, [1, 5])).toEqual([0, 1]);
  });
});
