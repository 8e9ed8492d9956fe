import { describe, expect, it } from 'vitest';
import { placeOf, validationBound } from './split-rows.ts';

const rows = Array.from({ length: 1000 }, (_, at) => ({ history: [], question: `Question ${at}`, answer: `${at}` }));
const places = rows.map(placeOf);

describe('a split', () => {
  it.each([
    [0, 0],
    [0.1, 100],
    [0.5, 500],
    [0.00001, 1],
    [0.99999, 999],
  ])('of share %f holds %i of 1000 rows', (share, count) => {
    const bound = validationBound(places, share);
    expect(places.filter((place) => place < bound)).toHaveLength(count);
  });

  it('keeps answers to one prompt on one side, and rows on their side when others are added', () => {
    const [first] = rows;
    expect(placeOf({ ...first!, steps: [] })).toBe(places[0]);
    const half = validationBound(places.slice(0, 500), 0.1);
    const whole = validationBound(places, 0.1);
    const moved = places.slice(0, 500).filter((place) => place < half !== place < whole);
    expect(moved.length).toBeLessThan(25);
  });

  it('of a single row leaves it for training', () => {
    expect(validationBound([0.3], 0.5)).toBeLessThanOrEqual(0.3);
    expect(validationBound([], 0.5)).toBe(0);
  });
});
