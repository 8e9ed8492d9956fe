import type { ExampleCheck, Question } from '@cogumi/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { makeQuestions } from '../procedural/make-questions.ts';
import { createJudge } from './judge.ts';

const judge = createJudge();
afterAll(() => judge.close());
const nobody = async () => [];

function example(check: ExampleCheck): Question {
  return {
    question_id: `support_example_${check.kind}`,
    domain: 'support',
    difficulty: 'easy',
    task: 'support/examples',
    wording: '',
    unseen: null,
    draw: '',
    question: 'A question?',
    facts: null,
    example: { answer: 'An answer.', history: [], check, source: 'test', licence: 'CC0-1.0', terms: null },
  };
}

describe('the judge', () => {
  it('judges questions of all kinds in one go, in their order', async () => {
    const [sum] = makeQuestions({ domains: { math: { easy: 1, hard: 0 } }, split: 'test', unseenShare: 0, seed: 1 });
    const judged = await judge.judge(
      [
        { question: example({ kind: 'contains', accepted: ['tab'] }), answer: 'The Tab key.' },
        { question: sum as Question, answer: 'no idea' },
        { question: example({ kind: 'number', expected: 3, tolerance: 0 }), answer: 'three' },
        { question: example({ kind: 'exact', accepted: ['yes'] }), answer: 'Yes.' },
      ],
      nobody,
    );
    expect(judged.map(({ correct }) => correct)).toEqual([true, false, false, true]);
  });

  it('runs the code of a reply with the tests of the example, and with nothing else of it', async () => {
    const tests = example({ kind: 'python-tests', tests: ['assert half(4) == 2, "four"', "assert half('ab') == 'a'"] });
    const right = 'Sure:\n```python\ndef half(x):\n    return x // 2 if isinstance(x, int) else x[: len(x) // 2]\n```';
    const judged = await judge.judge(
      ['def half(x):\n    return x / 2', right, 'I cannot', 'def half(x):\n    while True: pass'].map((answer) => ({
        question: tests,
        answer,
      })),
      nobody,
    );
    expect(judged.map(({ correct }) => correct)).toEqual([false, true, false, false]);
  });

  it('has a teacher judge, who sees the answer of the example', async () => {
    const seen: unknown[] = [];
    const judged = await judge.judge(
      ['good', 'bad', 'silent'].map((answer) => ({
        question: example({ kind: 'judge', teacher: 'openai:test', minScore: 7, passport: null }),
        answer,
      })),
      async (teacher, items) => {
        seen.push(teacher, ...items.map(({ reference }) => reference));
        return items.map(({ answer }) => ({ good: 9, bad: 3 })[answer] ?? null);
      },
    );
    expect(seen).toEqual(['openai:test', 'An answer.', 'An answer.', 'An answer.']);
    expect(judged).toEqual([
      { correct: true },
      { correct: false, reason: 'openai:test gave it 3 of 10; 7 are asked for' },
      { correct: null, reason: 'openai:test gave no score' },
    ]);
  });
});
