import { describe, expect, it } from 'vitest';
import { expectedAnswers, expectedQuestions, expectedScores, expectedSharedAnswers } from './expected-requests.ts';

/** Requests by teacher. */
function sum(expected: ReturnType<typeof expectedAnswers>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { teacher, requests } of expected) sums[teacher] = (sums[teacher] ?? 0) + requests;
  return sums;
}

describe('expected requests', () => {
  it('become fewer with each tier, and hard answers take more tokens than easy ones', () => {
    const expected = expectedAnswers(['x:small', 'x:middle', 'x:large'], { easy: 1000, hard: 100 });
    expect(sum(expected)).toEqual({ 'x:small': 1100, 'x:middle': 385, 'x:large': 143 });
    const [easy, hard] = expected;
    expect(hard?.outputTokens).toBeGreaterThan(easy?.outputTokens as number);
  });

  it('are split by share, with one in eight questions for the corrector', () => {
    const teachers = [
      { teacher: 'x:one', share: 3 },
      { teacher: 'x:two', share: 1 },
    ];
    expect(sum(expectedSharedAnswers(teachers, 'x:best', { easy: 800, hard: 0 }))).toEqual({
      'x:one': 600,
      'x:two': 200,
      'x:best': 100,
    });
  });

  it('for scores and written questions are none without a teacher', () => {
    expect(expectedScores(null, 10)).toEqual([]);
    expect(expectedQuestions(null, 10)).toEqual([]);
    expect(expectedScores('x:judge', 10)).toMatchObject([{ teacher: 'x:judge', requests: 10 }]);
    expect(expectedQuestions('x:writer', 10)).toMatchObject([{ teacher: 'x:writer', requests: 10 }]);
  });
});
