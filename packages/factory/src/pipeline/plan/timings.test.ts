import { describe, expect, it } from 'vitest';
import { fitLine } from './timings.ts';

describe('fitLine', () => {
  const constants = { fixedSeconds: 2, secondsPerItem: 0.25 };

  it('finds the fixed time and the time of one item', () => {
    const seen = [2, 10].map((items) => ({ stage: 's', items, seconds: 3 + 0.5 * items }));
    expect(fitLine(seen, constants).fixed).toBeCloseTo(3, 9);
    expect(fitLine(seen, constants).perItem).toBeCloseTo(0.5, 9);
  });

  it('scales the constants where all runs had about the same size', () => {
    // 2 + 0.25 · 12 = 5 by the constants.
    expect(fitLine([{ stage: 's', items: 12, seconds: 10 }], constants)).toEqual({ fixed: 4, perItem: 0.5 });
    const noisy = [10, 14].map((items) => ({ stage: 's', items, seconds: 24 - items }));
    expect(fitLine(noisy, constants)).toEqual({ fixed: 4.8, perItem: 0.6 });
    expect(fitLine([{ stage: 's', items: 0, seconds: 1 }], { fixedSeconds: 0, secondsPerItem: 1 })).toEqual({
      fixed: 1,
      perItem: 0,
    });
  });
});
