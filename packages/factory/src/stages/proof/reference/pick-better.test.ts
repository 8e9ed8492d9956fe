import type { Answer } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { pickBetter } from './pick-better.ts';

/** Answers whose text names the model, `right` by question. */
const answers = (model: string, right: Readonly<Record<string, boolean>>): Answer[] =>
  Object.entries(right).map(([question_id, correct]) => ({
    ...{ question_id, domain: question_id.split('_')[0] as string, unseen: false, answer: model, tokens: 1 },
    ...{ finish: 'stop' as const, correct, reason: '' },
  }));

describe('pickBetter', () => {
  it('takes each domain from the model with more right answers, whole, and the tuned one where both have as many', () => {
    const start = answers('start', {
      code_1: true,
      code_2: true,
      math_1: false,
      math_2: true,
      read_1: true,
      read_2: false,
    });
    const tuned = answers('tuned', {
      code_1: true,
      code_2: false,
      math_1: true,
      math_2: true,
      read_1: false,
      read_2: true,
    });
    const { answers: picked, from } = pickBetter(start, tuned);
    expect(from).toEqual({ code: 'start', math: 'tuned', read: 'tuned' });
    expect(picked.map(({ question_id, answer }) => `${question_id} ${answer}`)).toEqual([
      'code_1 start',
      'code_2 start',
      'math_1 tuned',
      'math_2 tuned',
      'read_1 tuned',
      'read_2 tuned',
    ]);
  });

  it('refuses models that answered other questions', () => {
    const two = answers('start', { code_1: true, code_2: true });
    expect(() => pickBetter(two, answers('tuned', { code_1: true, code_3: true }))).toThrow('code_3');
    expect(() => pickBetter(two, answers('tuned', { code_1: true }))).toThrow('2 and 1 answers');
  });
});
