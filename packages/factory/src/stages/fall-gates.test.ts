import { describe, expect, it } from 'vitest';
import { verdicts } from '../testing/stage-context.ts';
import { fallGates } from './fall-gates.ts';
import type { AnswerPair } from './pair-answers.ts';

/** Pairs of one domain, by how many both, only ours, only theirs and neither had right. */
const pairs = (domain: string, both: number, gained: number, lost: number, neither: number): AnswerPair[] =>
  [
    ...Array.from({ length: both }, () => [true, true] as const),
    ...Array.from({ length: gained }, () => [true, false] as const),
    ...Array.from({ length: lost }, () => [false, true] as const),
    ...Array.from({ length: neither }, () => [false, false] as const),
  ].map(([ours, theirs]) => ({ domain, ours, theirs }));

describe('fallGates', () => {
  it('fails a domain that fell for certain, and no other', () => {
    const gates = fallGates(
      [
        ...pairs('fell', 40, 5, 40, 15),
        ...pairs('rose', 40, 40, 5, 15),
        ...pairs('level', 40, 10, 10, 40),
        ...pairs('perhaps', 40, 8, 11, 41),
      ],
      'train more',
    );
    expect(verdicts({ gates })).toEqual({
      'no-fall-fell': 'fail',
      'no-fall-rose': 'pass',
      'no-fall-level': 'pass',
      'no-fall-perhaps': 'inconclusive',
    });
    expect(gates.every(({ guard, advice }) => guard && advice === 'train more')).toBe(true);
  });

  it('judges domains together: what one comparison proves, one of eight may be by chance', () => {
    const lost = (domain: string) => pairs(domain, 171, 0, 6, 23);
    const one = verdicts({ gates: fallGates(lost('a'), '') });
    const eight = verdicts({ gates: fallGates([...'abcdefgh'].flatMap(lost), '') });
    expect(one).toEqual({ 'no-fall-a': 'fail' });
    expect(eight['no-fall-a']).toBe('inconclusive');
  });

  it('skips a domain in which nothing was right before', () => {
    expect(verdicts({ gates: fallGates(pairs('none', 0, 3, 0, 7), '') })).toEqual({ 'no-fall-none': 'skipped' });
    expect(verdicts({ gates: fallGates(pairs('none', 0, 0, 0, 7), '') })).toEqual({ 'no-fall-none': 'skipped' });
    expect(fallGates([], '')).toEqual([]);
  });
});
