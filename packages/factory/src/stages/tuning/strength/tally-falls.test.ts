import { expect, it } from 'vitest';
import { tallyFalls } from './tally-falls.ts';

const pairs = (lost: number, gained: number, both: number) => [
  ...Array.from({ length: lost }, () => ({ domain: 'math', theirs: true, ours: false })),
  ...Array.from({ length: gained }, () => ({ domain: 'math', theirs: false, ours: true })),
  ...Array.from({ length: both }, () => ({ domain: 'math', theirs: true, ours: true })),
];

/** Chances by hand: 2^-4 = 0.063, 2^-5 = 0.031; 7 or 8 of 8 heads 9/256 = 0.035; 6 or 7 of 7 8/128 = 0.063. */
it.each([
  [0, 0, false],
  [4, 0, false],
  [5, 0, true],
  [6, 1, false],
  [7, 1, true],
  [3, 12, false],
  [40, 20, true],
  [1100, 900, true],
  [1010, 1000, false],
])('%i lost and %i gained', (lost, gained, falls) => {
  expect(tallyFalls(pairs(lost, gained, 80))).toEqual([
    { domain: 'math', questions: lost + gained + 80, before: lost + 80, lost, gained, falls },
  ]);
});

it('judges each domain for itself, and leaves out what has no verdict', () => {
  const other = { domain: 'reading', theirs: true, ours: null };
  const found = tallyFalls([...pairs(5, 0, 9), other, { ...other, ours: true }]);
  expect(found).toMatchObject([
    { domain: 'math', falls: true },
    { domain: 'reading', questions: 1, falls: false },
  ]);
});
