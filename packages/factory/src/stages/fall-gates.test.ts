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
      { advice: 'train more' },
    );
    expect(verdicts({ gates })).toEqual({
      'no-fall-fell': 'fail',
      'no-fall-rose': 'pass',
      'no-fall-level': 'pass',
      'no-fall-perhaps': 'inconclusive',
    });
    expect(gates.every(({ guard, advice }) => guard && advice === 'train more')).toBe(true);
  });

  it('is advice where a judge without a passport decided, whatever was found', () => {
    const judged = (domain: string, ...counts: [number, number, number, number]) =>
      pairs(domain, ...counts).map((pair) => ({ ...pair, advice: true }));
    const gates = fallGates(
      [...judged('fell', 40, 5, 40, 15), ...judged('rose', 40, 40, 5, 15), ...pairs('exact', 40, 5, 40, 15)],
      { advice: 'train more' },
    );
    expect(verdicts({ gates })).toEqual({
      'no-fall-fell': 'inconclusive',
      'no-fall-rose': 'inconclusive',
      'no-fall-exact': 'fail',
    });
    expect(gates[0]).toMatchObject({
      guard: true,
      evidence: expect.stringContaining('advice (would be fail): the judge of 100 of 100 answers holds no passport'),
    });
  });

  it('judges domains together: what one comparison proves, one of eight may be by chance', () => {
    const lost = (domain: string) => pairs(domain, 171, 0, 6, 23);
    const one = verdicts({ gates: fallGates(lost('a'), { advice: '' }) });
    const eight = verdicts({ gates: fallGates([...'abcdefgh'].flatMap(lost), { advice: '' }) });
    expect(one).toEqual({ 'no-fall-a': 'fail' });
    expect(eight['no-fall-a']).toBe('inconclusive');
    // Domains in which nothing can fall raise no false alarm.
    const empty = [...'bcdefgh'].flatMap((domain) => pairs(domain, 0, 5, 0, 5));
    expect(verdicts({ gates: fallGates([...lost('a'), ...empty], { advice: '' }) })['no-fall-a']).toBe('fail');
  });

  it('skips a domain in which nothing can fall, and says why', () => {
    const reason = (given: AnswerPair[], same: string[] = []) => {
      const [gate] = fallGates(given, { advice: '', same: new Set(same) });
      return `${gate?.verdict}: ${gate?.evidence}`;
    };
    expect(reason(pairs('none', 0, 27, 0, 13))).toBe('skipped: nothing can fall from 0 of 40');
    expect(reason(pairs('few', 3, 1, 0, 2))).toBe(
      'skipped: no fall could be told: 4 right, before 3, of 6; it takes the loss of 4',
    );
    expect(reason(pairs('one', 20, 0, 0, 20), ['one'])).toBe(
      'skipped: nothing can fall: the start model itself answers, 20 of 40 right',
    );
    expect(fallGates([], { advice: '' })).toEqual([]);
  });

  it('shows a fall that it cannot prove, and says which loss it would tell', () => {
    const [fell] = fallGates(pairs('few', 0, 0, 3, 3), { advice: '' });
    expect(fell?.verdict).toBe('inconclusive');
    const [judged] = fallGates(pairs('many', 30, 0, 4, 6), { advice: '', other: 'the reference', prefix: 'below-' });
    expect(judged).toMatchObject({ name: 'no-fall-below-many', verdict: 'fail' });
    expect(judged?.criterion).toBe('Not fewer right answers than the reference (many)');
    expect(judged?.evidence).toContain('a loss of 4 or more would be told');
  });
});
