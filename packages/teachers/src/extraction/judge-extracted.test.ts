import { readFileSync } from 'node:fs';
import { BUILT_IN_DOMAINS, type Question } from '@cogumi/contracts';
import { slowness } from '@cogumi/pure/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { createJudge } from '../checkers/judge.ts';
import { makeQuestions, redraw } from '../procedural/make-questions.ts';
import { judgeExtracted, type ModelAnswer } from './judge-extracted.ts';

const judge = createJudge();
afterAll(() => judge.close());
const judgeAnswers = (items: readonly ModelAnswer[]) =>
  judgeExtracted(items, (own) => judge.judge(own, async () => []));

/** One word for a judgement: `right`, `right in prose`, or the kind of failure. */
const wordOf = ({ correct, extracted, failure }: Awaited<ReturnType<typeof judgeAnswers>>[number]) =>
  correct ? (extracted === null ? 'right' : 'right in prose') : failure;

interface Line extends ModelAnswer {
  readonly model: string;
  readonly verdict: string;
}

/**
 * Answers that SmolLM2-135M-Instruct (Apache-2.0) gave in a build of `recipes/nano.yaml`, alone (`base`) and with modifiers, at most
 * 48 tokens long; each verdict is a person's, written before the rules were run on it.
 */
const LINES = readFileSync(new URL('testing/smollm2-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);

describe('answers of SmolLM2', () => {
  it('get the verdict that a person gives', async () => {
    const judged = await judgeAnswers(LINES);
    const told = (word: (at: number) => string | null | undefined) =>
      LINES.map(({ model, question }, at) => `${model} ${question.question_id}: ${word(at)}`);
    expect(told((at) => wordOf(judged[at]!))).toEqual(told((at) => LINES[at]?.verdict));
  });
});

describe('answers of the built-in domains', () => {
  // What a model that is used to talk makes of a teacher's answer.
  const inProse = ({ domain }: Question, answer: string) => {
    if (domain === 'coding')
      return `Here is the function:\n\n\`\`\`python\n${answer}\n\`\`\`\n\nIt does what you asked for.`;
    if (domain === 'tool_use') return `I would call this tool:\n${answer}\nIs there anything else?`;
    if (['summarization', 'instruction_following'].includes(domain))
      return `Sure! Here it is:\n\n${answer}\n\nI hope this helps!`;
    return `The answer is: ${answer.split(/[:,] ?/).at(-1)}.\nI hope this helps!`;
  };

  it('are right in prose where they are right, and wrong where they are wrong', async () => {
    const few = { easy: 24, hard: 24 };
    const questions = makeQuestions({
      ...{ split: 'test', unseenShare: 0.5, seed: 16 },
      domains: Object.fromEntries(BUILT_IN_DOMAINS.map((domain) => [domain, few])),
    });
    for (const of of ['answer', 'wrongAnswer'] as const) {
      const items = questions.map((question) => ({
        ...{ question, cut: false },
        answer: inProse(question, redraw(question)[of]),
      }));
      const judged = await judgeAnswers(items);
      const unlike = judged.flatMap(({ correct, reason }, at) =>
        correct === (of === 'answer') ? [] : [[questions[at]?.question, items[at]?.answer, reason]],
      );
      expect(unlike).toEqual([]);
    }
  });
});

describe('hostile answers', () => {
  it.each(['`'.repeat(2e6), '{'.repeat(2e6), `def f(${' '.repeat(2e6)}`, 'the answer is '.repeat(2e5)])(
    'are judged in time by every checker (%#)',
    async (answer) => {
      const one = { easy: 6, hard: 6 };
      const questions = makeQuestions({
        ...{ split: 'test', unseenShare: 0, seed: 3 },
        domains: Object.fromEntries(BUILT_IN_DOMAINS.map((domain) => [domain, one])),
      });
      const began = process.cpuUsage();
      const judged = await judgeAnswers(questions.map((question) => ({ question, answer, cut: true })));
      expect(judged.every(({ correct }) => correct === false)).toBe(true);
      const { user, system } = process.cpuUsage(began);
      expect((user + system) / 1000 / slowness()).toBeLessThan(60_000);
    },
  );
});

const capital = (answer: string): Question => ({
  ...{ question_id: 'q', domain: 'own', difficulty: 'easy', task: 'own/examples', wording: '', unseen: null, draw: '' },
  ...{ question: 'What is the capital of France?', facts: null },
  example: {
    ...{ answer, history: [], source: 'test', licence: 'CC0-1.0', terms: null },
    check: { kind: 'exact', accepted: [answer] },
  },
});

describe('judgeExtracted', () => {
  it('tells format from knowledge, and both from answers that were cut or refused', async () => {
    const question = capital('Paris');
    const judged = await judgeAnswers([
      { question, answer: 'Paris.', cut: false },
      { question, answer: 'The answer is: **Paris**. It lies on the Seine.', cut: true },
      { question, answer: 'The answer is Rome.', cut: true },
      { question, answer: 'It is a large city on the', cut: true },
      { question, answer: 'I’m sorry, but as an AI language model I cannot', cut: true },
      { question, answer: '```', cut: false },
      { question, answer: '<think>The answer is Rome? No.</think>\n\nParis', cut: false },
      { question, answer: '<think>The answer is Paris', cut: true },
    ]);
    expect(judged.map(wordOf)).toEqual([
      'right',
      'right in prose',
      'wrong',
      'cut',
      'refused',
      'unreadable',
      'right in prose',
      'cut',
    ]);
    expect(judged[1]).toEqual({ correct: true, reason: '', extracted: 'Paris', failure: null });
    expect(judged[2]?.reason).toBe('wanted "Paris", got "Rome"');
  });

  it('asks no judge twice about an answer that stands as it is, nor where none gave a verdict', async () => {
    const seen: string[] = [];
    const judged = await judgeExtracted(
      ['Paris', 'The answer is Rome'].map((answer) => ({ question: capital('Paris'), answer, cut: false })),
      async (items) => {
        seen.push(...items.map(({ answer }) => answer));
        return items.map(() => ({ correct: null, reason: 'no score' }));
      },
    );
    expect(seen).toEqual(['Paris', 'The answer is Rome']);
    expect(judged[0]).toEqual({ correct: null, reason: 'no score', extracted: null, failure: null });
  });
});
