import { createRandom } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { createReservoir } from './reservoir.ts';

/** The items in the sample after `count` offers. */
function sample(count: number, capacity: number, seed: number): number[] {
  const reservoir = createReservoir(capacity, createRandom(seed));
  const kept: number[] = [];
  for (let thing = 0; thing < count; thing++) if (reservoir.offer()) kept.push(thing);
  const chosen = reservoir.chosen();
  return kept.filter((_, place) => chosen[place] === 1);
}

describe('createReservoir', () => {
  it('samples its capacity in input order, and the same items for the same seed', () => {
    const first = sample(1000, 50, 1);
    expect(first).toHaveLength(50);
    expect(first).toEqual(first.toSorted((left, right) => left - right));
    expect(sample(1000, 50, 1)).toEqual(first);
    expect(sample(1000, 50, 2)).not.toEqual(first);
    expect(sample(7, 50, 1)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('samples each item with the same probability', () => {
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 4000; seed++) for (const thing of sample(20, 5, seed)) counts[thing]!++;
    // 4000 draws with probability 1/4: mean 1000, standard deviation 27.4; allowed are five of them on either side.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(137);
  });
});
