import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { meanInterval } from './mean-interval.ts';

describe('meanInterval', () => {
  it.each([
    [2, 12.706],
    [3, 4.303],
    [4, 3.182],
    [10, 2.262],
    [80, 1.99],
  ])('has the quantile of Student for %i values', (count, quantile) => {
    const values = Array.from({ length: count }, (_, at) => at % 7);
    const found = meanInterval(values);
    const { mean = 0, interval = [0, 0], standardError = 0 } = found ?? {};
    expect((interval[1] - mean) / standardError).toBeCloseTo(quantile, 2);
    expect(mean - interval[0]).toBeCloseTo(interval[1] - mean, 12);
  });

  it('holds the true mean in 95% of small samples', () => {
    const random = createRandom('means');
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const samples = 4000;
    const holds = Array.from({ length: samples }, () => {
      const [low, high] = meanInterval(Array.from({ length: 5 }, normal))?.interval ?? [1, 1];
      return low < 0 && high > 0;
    }).filter(Boolean).length;
    // 0.95 within four standard errors.
    expect(Math.abs(holds / samples - 0.95)).toBeLessThan(0.014);
  });

  it('knows no spread of fewer than two values', () => {
    expect(meanInterval([3])).toBeNull();
    expect(meanInterval([])).toBeNull();
  });
});
