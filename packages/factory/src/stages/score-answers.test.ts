import type { Answer } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from './score-answers.ts';

describe('scoreAnswers', () => {
  it('counts by domain and by wording, and what has no verdict beside both', () => {
    const answer = (correct: boolean | null, unseen: boolean): Answer => ({
      question_id: 'q',
      domain: 'math',
      unseen,
      answer: '',
      tokens: 1,
      finish: 'stop',
      correct,
      reason: '',
    });
    const { all, byDomain } = scoreAnswers([answer(true, false), answer(false, false), answer(true, true)]);
    expect(all).toMatchObject({ questions: 3, correct: 2 });
    const { all: measured, unmeasured } = scoreAnswers([answer(true, false), answer(null, false)]);
    expect([measured, unmeasured]).toMatchObject([{ questions: 1, correct: 1 }, 1]);
    expect(scoreAnswers([answer(null, false)])).toMatchObject({ all: null, unmeasured: 1 });
    expect(byDomain.math?.known).toMatchObject({ questions: 2, correct: 1 });
    expect(byDomain.math?.unseen).toMatchObject({ questions: 1, correct: 1 });
  });
});
