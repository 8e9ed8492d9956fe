import { describe, expect, it } from 'vitest';
import { passMs } from './pass-times.ts';
import { expectedTokens, planDrafts } from './plan-drafts.ts';

/** A pass over 8 tokens takes as long as 3 over one. */
const TIMES = [
  { tokens: 1, ms: 7 },
  { tokens: 8, ms: 21 },
];
const costs = { passMs: (tokens: number) => 5 + 2 * tokens, draftMs: () => 0 };
const answers = (...given: (readonly [offered: number, rate: number])[]) =>
  given.map(([offered, rate], sequence) => ({ sequence, offered, rate }));

describe('passMs', () => {
  it('is that of the next size that was measured, and a straight line beyond them', () => {
    expect([1, 2, 8, 15].map((tokens) => passMs(TIMES, tokens))).toEqual([7, 21, 21, 35]);
  });
});

describe('passMs of a noisy measurement', () => {
  it('does not fall beyond the last size', () => {
    const noisy = [
      { tokens: 12, ms: 60 },
      { tokens: 16, ms: 50 },
    ];
    expect(passMs(noisy, 64)).toBe(50);
  });
});

describe('expectedTokens', () => {
  it('is the sum of a geometric series', () => {
    expect(expectedTokens(0.5, 3)).toBeCloseTo(1 + 0.5 + 0.25 + 0.125);
    expect(expectedTokens(1, 4)).toBe(5);
    expect(expectedTokens(0, 4)).toBe(1);
  });
});

describe('planDrafts', () => {
  it('drafts the more, the likelier tokens are accepted, and none where it does not pay', () => {
    const lengths = [0.1, 0.5, 0.7, 0.9, 1].map((rate) => planDrafts(answers([15, rate]), costs, 60)[0]);
    expect(lengths).toEqual([0, 1, 3, 5, 15]);
    expect(planDrafts(answers([4, 1]), costs, 60)).toEqual([4]);
    expect(planDrafts(answers([15, 1]), costs, 3)).toEqual([3]);
    expect(planDrafts([], costs, 60)).toEqual([]);
  });

  it('never drafts where a pass over several tokens takes as long as one by one', () => {
    const slow = { ...costs, passMs: (tokens: number) => 7 * tokens };
    expect(planDrafts(answers([15, 1]), slow, 60)).toEqual([0]);
  });

  it('counts the time of the others: one good draft among eight answers pays less than alone', () => {
    const [first, ...others] = answers([3, 0.7], ...Array.from({ length: 7 }, () => [0, 0.7] as const));
    expect(planDrafts([first!], costs, 60)).toEqual([3]);
    expect(planDrafts([first!, ...others], costs, 60)).toEqual(Array(8).fill(0));
  });

  it('takes the answers whose drafts are likely, and leaves out the others', () => {
    expect(planDrafts(answers([5, 0.95], [5, 0.05]), costs, 60)).toEqual([5, 0]);
    expect(planDrafts(answers([5, 0.95], [5, 0.95]), costs, 60)).toEqual([5, 5]);
  });

  it('counts the time of drafting', () => {
    expect(planDrafts(answers([15, 0.9]), { ...costs, draftMs: ([length]) => 7 * length! }, 60)).toEqual([0]);
  });
});
