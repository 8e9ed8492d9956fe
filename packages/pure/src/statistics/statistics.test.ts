import { describe, expect, it } from 'vitest';
import { judgeAtLeast } from './judge-at-least.ts';
import { klDivergences } from './kl-divergences.ts';
import { leastDifference } from './least-difference.ts';
import { median } from './median.ts';
import { simultaneousQuantile } from './normal-quantile.ts';
import { pairedRatio } from './paired-ratio.ts';
import { wilsonInterval } from './wilson-interval.ts';

describe('wilsonInterval', () => {
  it('agrees with the published example: 10 of 20 gives 0.299 to 0.701', () => {
    const [low, high] = wilsonInterval(10, 20);
    expect(low).toBeCloseTo(0.2993, 4);
    expect(high).toBeCloseTo(0.7007, 4);
  });

  it('stays inside 0 and 1 at the edges', () => {
    expect(wilsonInterval(0, 10)[0]).toBe(0);
    expect(wilsonInterval(10, 10)[1]).toBe(1);
  });

  it('refuses more successes than trials', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('3 of 2');
  });
});

describe('leastDifference', () => {
  it('agrees with the tables of sample sizes: 0.5 against 0.6 needs 388 of each (Fleiss, without correction), at one share for both 392', () => {
    expect(leastDifference(196, 392)).toBeCloseTo(0.1, 3);
  });

  it('is not nothing where all were right, and never more than everything', () => {
    expect(leastDifference(100, 100)).toBeGreaterThan(0.05);
    expect(leastDifference(0, 1)).toBe(1);
    expect(() => leastDifference(3, 2)).toThrow('3 of 2');
  });
});

describe('simultaneousQuantile', () => {
  it('agrees with the tables: 1.96 for one comparison, 2.7344 for eight, 3.4808 for a hundred', () => {
    expect(simultaneousQuantile(1)).toBeCloseTo(1.959963984540054, 12);
    expect(simultaneousQuantile(8)).toBeCloseTo(2.734369, 5);
    expect(simultaneousQuantile(100)).toBeCloseTo(3.480756, 5);
    expect(() => simultaneousQuantile(0)).toThrow('at least 1');
  });
});

describe('pairedRatio', () => {
  const pairs = (both: number, ours: number, theirs: number, neither: number) =>
    [
      [both, [true, true]],
      [ours, [true, false]],
      [theirs, [false, true]],
      [neither, [false, false]],
    ].flatMap(([count, pair]) => Array.from({ length: count as number }, () => pair as [boolean, boolean]));

  it('agrees with the published example: 1, 1, 7 and 12 of 21 pairs give 0.065 to 0.907', () => {
    // Fagerland, Lydersen & Laake 2014, asymptotic score interval of the ratio of paired proportions.
    const { ratio, interval } = pairedRatio(pairs(1, 1, 7, 12));
    expect(ratio).toBe(0.25);
    expect(interval[0]).toBeCloseTo(0.065, 3);
    expect(interval[1]).toBeCloseTo(0.907, 3);
  });

  it('is symmetric: ours over theirs is the inverse of theirs over ours', () => {
    const { interval } = pairedRatio(pairs(40, 20, 10, 30));
    const other = pairedRatio(pairs(40, 10, 20, 30)).interval;
    expect(interval[0]).toBeCloseTo(1 / other[1], 9);
    expect(interval[1]).toBeCloseTo(1 / other[0], 9);
  });

  it('gives a wide interval for few pairs, even if both always give the same answers', () => {
    expect(pairedRatio(pairs(1, 0, 0, 0)).interval[0]).toBeLessThan(0.25);
    const { ratio, interval } = pairedRatio(pairs(60, 0, 0, 40));
    expect(ratio).toBe(1);
    // By hand: 60 (1 - ratio) / ratio = 1.96², from 60 (1 - ratio) over the root of 60 ratio (1 - ratio).
    expect(interval[0]).toBeCloseTo(1 / (1 + 1.959964 ** 2 / 60), 6);
  });

  it('stays finite if the other model is never right, and is zero if neither is', () => {
    expect(pairedRatio(pairs(0, 5, 0, 5)).ratio).toBe(5);
    expect(pairedRatio(pairs(0, 5, 0, 5)).interval[0]).toBeGreaterThan(1);
    expect(pairedRatio(pairs(0, 0, 0, 10))).toMatchObject({ ratio: 0, interval: [0, 10_000] });
  });

  it('agrees with the delta method for many pairs', () => {
    // 120 right against 80 of 200, independent: log-ratio deviation sqrt(0.4/120 + 0.6/80) = 0.104 (by hand).
    const { ratio, interval } = pairedRatio(pairs(48, 72, 32, 48));
    expect(ratio).toBe(1.5);
    expect(Math.abs(Math.log(interval[0] / 1.5) / -0.104 - 1.96)).toBeLessThan(0.1);
    expect(Math.abs(Math.log(interval[1] / 1.5) / 0.104 - 1.96)).toBeLessThan(0.1);
  });
});

describe('judgeAtLeast', () => {
  it('judges by the interval, not by the point estimate', () => {
    expect(judgeAtLeast(0.9, 0.95, [0.91, 0.98])).toBe('pass');
    expect(judgeAtLeast(0.9, 0.92, [0.88, 0.95])).toBe('inconclusive');
    expect(judgeAtLeast(0.9, 0.8, [0.7, 0.89])).toBe('fail');
    expect(judgeAtLeast(0.9, 0.9, null)).toBe('pass');
  });
});

describe('klDivergences', () => {
  it('agrees with the sum by hand: a fair coin against one of three to one', () => {
    const fair = Float32Array.of(7, 7);
    const biased = Float32Array.of(Math.log(3), 0);
    // ½ ln(½ / ¾) + ½ ln(½ / ¼)
    expect(klDivergences(fair, biased, 2)[0]).toBeCloseTo(0.5 * Math.log(2 / 3) + 0.5 * Math.log(2), 6);
    expect(klDivergences(biased, fair, 2)[0]).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
  });

  it('is zero for equal rows, whatever is added to all of their logits, and keeps rows apart', () => {
    const found = klDivergences(Float32Array.of(1, 2, 0, 0), Float32Array.of(101, 102, 0, 1000), 2);
    expect(found[0]).toBeCloseTo(0, 9);
    expect(found[1]).toBeCloseTo(500 - Math.log(2), 3);
  });

  it('refuses shapes that differ', () => {
    expect(() => klDivergences(new Float32Array(4), new Float32Array(2), 2)).toThrow('4 and 2 logits');
  });
});

describe('median', () => {
  it('is the middle value in any order, and between two the mean of both', () => {
    expect([median([3]), median([9, 1, 5]), median([4, 1, 3, 2])]).toEqual([3, 5, 2.5]);
  });
});
