import { describe, expect, it } from 'vitest';
import { leastProvableLoss, pairedRatio } from './paired-ratio.ts';

describe('leastProvableLoss', () => {
  it.each([1, 2, 8, 9, 40])(
    'is the first loss whose interval stays below 1, for %i comparisons together',
    (comparisons) => {
      const fallen = (lost: number, kept: number) => {
        const outcomes = [
          ...Array.from({ length: kept }, () => [true, true] as const),
          ...Array.from({ length: lost }, () => [false, true] as const),
          ...Array.from({ length: 25 }, () => [false, false] as const),
        ];
        return pairedRatio(outcomes, comparisons).interval[1] < 1;
      };
      const least = leastProvableLoss(comparisons);
      for (const kept of [0, 1, 30]) {
        expect(fallen(least, kept)).toBe(true);
        expect(fallen(least - 1, kept)).toBe(false);
      }
    },
  );
});
