import { describe, expect, it } from 'vitest';
import { drawShots, firstShots } from './draw-shots.ts';
import { PythonRandom } from './python-random.ts';

describe('PythonRandom', () => {
  it('draws what CPython 3.11 draws', () => {
    const gsm8k = new PythonRandom(1234);
    expect([1, 2, 3].map(() => gsm8k.sample(7473, 5))).toEqual([
      [6374, 3610, 957, 61, 742],
      [7462, 6610, 4769, 286, 5501],
      [5677, 687, 806, 6279, 2905],
    ]);
    // Beyond the first 624 random numbers.
    for (let draw = 4; draw < 400; draw++) gsm8k.sample(7473, 5);
    expect(gsm8k.sample(7473, 5)).toEqual([3825, 4280, 5828, 7373, 2906]);
    expect(new PythonRandom(0).sample(2 ** 31, 3)).toEqual([1654615998, 1806341205, 173879092]);
  });

  it('takes a list where few are to be drawn from, as CPython does', () => {
    const random = new PythonRandom(1234);
    expect(random.sample(10, 3)).toEqual([7, 1, 0]);
    expect(random.sample(21, 5)).toEqual([2, 18, 1, 20, 3]);
    expect(random.sample(22, 5)).toEqual([11, 7, 0, 20, 19]);
    expect(random.sample(100, 8)).toEqual([61, 78, 59, 19, 11, 23, 91, 14]);
  });
});

describe('drawShots', () => {
  const rows = Array.from({ length: 8 }, (_, id) => ({ id }));

  it('never shows an item to itself, also where its row was published twice', () => {
    const random = new PythonRandom(1234);
    const doubled = [...rows, { id: 3 }, { id: 3 }];
    for (let draw = 0; draw < 50; draw++) {
      const shown = drawShots(random, doubled, 4, { id: 3 });
      expect(shown).toHaveLength(4);
      expect(shown).not.toContainEqual({ id: 3 });
    }
  });

  it('refuses more examples than there are rows, and says how many there are', () => {
    expect(() => drawShots(new PythonRandom(1), rows, 8, { id: 0 })).toThrow('8 examples; there are 8 rows');
    expect(() => firstShots(rows, 9)).toThrow('9 examples; there are 8 rows');
    expect(firstShots(rows, 2)).toEqual([{ id: 0 }, { id: 1 }]);
  });
});
