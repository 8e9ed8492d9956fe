import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { judgeAtLeast } from './judge-at-least.ts';
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

  it('refuses what is no proportion', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('3 of 2');
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

  it('is exactly one with a point interval when both answer alike', () => {
    const { ratio, interval } = pairedRatio(pairs(60, 0, 0, 40), createRandom(1));
    expect(ratio).toBe(1);
    expect(interval).toEqual([1, 1]);
  });

  it('stays a number when the other model gets nothing right, and is zero when neither does', () => {
    expect(pairedRatio(pairs(0, 5, 0, 5), createRandom(1)).ratio).toBe(5);
    expect(pairedRatio(pairs(0, 0, 0, 10), createRandom(1)).ratio).toBe(0);
  });

  it('brackets the true ratio, as wide as the delta method says, whatever the seed', () => {
    // 120 right against 80 of 200, independent: log-ratio deviation sqrt(0.4/120 + 0.6/80) = 0.104 at the most (by hand).
    for (const seed of [1, 2, 3]) {
      const { ratio, interval } = pairedRatio(pairs(48, 72, 32, 48), createRandom(seed));
      expect(ratio).toBe(1.5);
      expect(interval[0]).toBeGreaterThan(1.5 * Math.exp(-2.4 * 0.104));
      expect(interval[0]).toBeLessThan(1.5 * Math.exp(-1.6 * 0.104));
      expect(interval[1]).toBeGreaterThan(1.5 * Math.exp(1.6 * 0.104));
      expect(interval[1]).toBeLessThan(1.5 * Math.exp(2.4 * 0.104));
    }
  });
});

describe('judgeAtLeast', () => {
  it('passes, fails or cannot tell by the interval, not by the point', () => {
    expect(judgeAtLeast(0.9, 0.95, [0.91, 0.98])).toBe('pass');
    expect(judgeAtLeast(0.9, 0.92, [0.88, 0.95])).toBe('inconclusive');
    expect(judgeAtLeast(0.9, 0.8, [0.7, 0.89])).toBe('fail');
    expect(judgeAtLeast(0.9, 0.9, null)).toBe('pass');
  });
});
