import type { Answer } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { compareIn, pairAnswers } from './pair-answers.ts';

const answers = (right: Readonly<Record<string, boolean>>): Answer[] =>
  Object.entries(right).map(([question_id, correct]) => ({
    ...{ question_id, domain: question_id.split('_')[0] as string, unseen: false, answer: '', tokens: 1 },
    ...{ finish: 'stop' as const, correct, reason: '' },
  }));

describe('pairAnswers', () => {
  it('pairs by question, whatever the order, and ignores questions that only the other answered', () => {
    const pairs = pairAnswers(answers({ a_1: true, b_1: false }), answers({ c_1: true, b_1: true, a_1: false }));
    expect(pairs).toEqual([
      { domain: 'a', ours: true, theirs: false },
      { domain: 'b', ours: false, theirs: true },
    ]);
  });

  it('refuses to compare when the other model was asked other questions', () => {
    expect(() => pairAnswers(answers({ a_1: true }), answers({ a_2: true }))).toThrow('never asked a_1');
  });
});

describe('compareIn', () => {
  const pairs = pairAnswers(
    answers({ a_1: true, a_2: true, b_1: false }),
    answers({ a_1: true, a_2: false, b_1: true }),
  );
  it('counts right answers in one domain or in all, and none in a domain without pairs', () => {
    expect(compareIn(pairs, 'a')).toMatchObject({ ours: 2, theirs: 1, pairs: 2, ratio: 2 });
    expect(compareIn(pairs, null)).toMatchObject({ ours: 2, theirs: 2, pairs: 3, ratio: 1 });
    expect(compareIn(pairs, 'c')).toBeNull();
  });
});
