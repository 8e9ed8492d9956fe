import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { kappa } from './kappa.ts';

const times = (count: number, rating: readonly [string, string]) => Array.from({ length: count }, () => rating);

describe('kappa', () => {
  it('agrees with a worked example: 20 yes, 15 no, 5 and 10 apart give 0.4', () => {
    // Marginals 25 and 30 of 50: chance is 0.5 × 0.6 + 0.5 × 0.4 = 0.5, agreement 0.7.
    const found = kappa([
      ...times(20, ['yes', 'yes']),
      ...times(5, ['yes', 'no']),
      ...times(10, ['no', 'yes']),
      ...times(15, ['no', 'no']),
    ]);
    expect(found).toMatchObject({ items: 50, agreeing: 35, chance: expect.closeTo(0.5, 12) });
    expect(found?.kappa).toBeCloseTo(0.4, 12);
  });

  it('makes frequencies of names equal that are arbitrary: always the first is no agreement', () => {
    const labels = [...times(90, ['first', 'first']), ...times(10, ['first', 'second'])];
    expect(kappa(labels)?.kappa).toBeCloseTo(0, 12);
    const swapped = kappa(labels, ['first', 'second']);
    expect(swapped).toMatchObject({ chance: expect.closeTo(0.5, 12), kappa: expect.closeTo(0.8, 12) });
  });

  it('says nothing where one category is all there is, and is sure of nothing over few items', () => {
    expect(kappa([])).toBeNull();
    expect(kappa(times(9, ['tie', 'tie']))).toBeNull();
    const [low, high] = kappa([...times(2, ['a', 'a']), ...times(1, ['b', 'b'])])?.interval ?? [0, 0];
    expect(high).toBe(1);
    expect(low).toBeLessThan(0.1);
  });

  it('has an interval that holds the truth in 95 of 100 samples, within what 2,000 samples can tell', () => {
    const random = createRandom('coverage');
    let held = 0;
    for (let sample = 0; sample < 2000; sample++) {
      // Both say yes in half of the items; a quarter of them is a coin of its own: kappa is 0.75.
      const ratings = Array.from({ length: 60 }, (): [boolean, boolean] => {
        const truth = random.chance(0.5);
        return [truth, random.chance(0.25) ? random.chance(0.5) : truth];
      });
      const [low, high] = kappa(ratings)?.interval ?? [0, 0];
      if (low <= 0.75 && high >= 0.75) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.935);
    expect(held / 2000).toBeLessThan(0.98);
  });
});
