import { createRandom, type Random } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import type { JudgedItem } from './judged-item.ts';
import type { Preference } from './labels.ts';
import { requirementsOf } from './requirements.ts';

const ITEMS = 200;
const DRAWS = 200;

/** A pair of which one person said which is better, and what a judge says in each order. */
function judged(random: Random, says: (truth: Preference, longer: Preference) => Preference): JudgedItem<Preference> {
  const [truth, longer] = [random, random].map((one): Preference => (one.chance(0.5) ? 'first' : 'second')) as [
    Preference,
    Preference,
  ];
  const [plain, swapped] = [says(truth, longer), says(truth, longer)];
  const judge = plain === swapped ? plain : 'tie';
  return {
    ...{ people: [truth], judge, steady: plain === swapped, places: [], repeats: null, refusals: 0 },
    byLength: judge === 'tie' ? null : judge === longer,
    lengthMisleads: truth !== longer,
  };
}

/** How many of the drawn judges hold a passport. */
function passports(name: string, says: (random: Random, truth: Preference, longer: Preference) => Preference): number {
  let valid = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = createRandom(`${name}/${draw}`);
    const items = Array.from({ length: ITEMS }, () => judged(random, (truth, longer) => says(random, truth, longer)));
    const { requirements } = requirementsOf<Preference>(items, ['first', 'second']);
    if (requirements.every(({ verdict }) => verdict === 'pass')) valid++;
  }
  return valid;
}
const other = (side: Preference): Preference => (side === 'first' ? 'second' : 'first');

describe('requirementsOf', () => {
  it('lets no judge through that guesses or goes by the length, of 200 each', () => {
    expect(passports('coin', (random) => (random.chance(0.5) ? 'first' : 'second'))).toBe(0);
    expect(passports('longer', (_, __, longer) => longer)).toBe(0);
    // Right in two of three, which people are not.
    expect(passports('weak', (random, truth) => (random.chance(2 / 3) ? truth : other(truth)))).toBe(0);
  });

  it('lets judges through that say in nine of ten what people say, of 200 nearly all', () => {
    const found = passports('sound', (random, truth) => (random.chance(0.9) ? truth : other(truth)));
    expect(found).toBeGreaterThan(190);
  });
});
