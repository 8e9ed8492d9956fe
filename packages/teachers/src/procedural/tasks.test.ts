import { BUILT_IN_DOMAINS } from '@cogumi/contracts';
import { createRandom } from '@cogumi/pure';
import { afterAll, describe, expect, it } from 'vitest';
import { createJudge } from '../checkers/judge.ts';
import { makeQuestions, redraw } from './make-questions.ts';
import { isTestFact } from './split.ts';
import { TASKS } from './tasks.ts';

const judge = createJudge();
const nobody = async () => [];
afterAll(() => judge.close());

/** Draws of each wording and difficulty of a task. */
const DRAWS = 12;

describe.each(BUILT_IN_DOMAINS)('tasks of %s', (domain) => {
  const tasks = [...TASKS.values()].filter((task) => task.domain === domain);

  it('accept their own answer and refuse their wrong answer, in every wording', async () => {
    const items = tasks.flatMap((task) =>
      task.difficulties.flatMap((difficulty) =>
        [...task.wordings.known, ...task.wordings.unseen].flatMap((wording) =>
          Array.from({ length: DRAWS }, (_, at) => {
            const draw = task.draw(createRandom(`${task.name}/${wording}/${at}`), difficulty, wording);
            const question = {
              question_id: draw.key,
              domain,
              difficulty,
              task: task.name,
              wording,
              unseen: false,
              draw: '',
              question: draw.question,
              facts: draw.facts,
            };
            return { question, answer: draw.answer, wrongAnswer: draw.wrongAnswer };
          }),
        ),
      ),
    );
    const right = await judge.judge(items, nobody);
    expect(items.filter((_, at) => !right[at]?.correct).map(({ question }) => question.question)).toEqual([]);
    const judgedWrong = await judge.judge(
      items.map(({ question, wrongAnswer }) => ({ question, answer: wrongAnswer })),
      nobody,
    );
    expect(
      items
        .filter((_, at) => judgedWrong[at]?.correct)
        .map(({ question, wrongAnswer }) => [question.question, wrongAnswer]),
    ).toEqual([]);
  });

  it('reject hostile answers without an error', async () => {
    const hostile = [
      '',
      '\0\0',
      'x'.repeat(100_000),
      '{"tool":',
      '[[[['.repeat(2000),
      '\ud800',
      '(((((',
      '```python\n',
      'def',
    ];
    const questions = makeQuestions({
      domains: { [domain]: { easy: 6, hard: 6 } },
      split: 'test',
      unseenShare: 0.5,
      seed: 3,
    });
    for (const answer of hostile) {
      const judged = await judge.judge(
        questions.map((question) => ({ question, answer })),
        nobody,
      );
      expect(judged.every(({ correct }) => correct === false)).toBe(true);
    }
  });
});

describe('makeQuestions', () => {
  const domains = Object.fromEntries(BUILT_IN_DOMAINS.map((domain) => [domain, { easy: 60, hard: 60 }]));
  const train = makeQuestions({ domains, split: 'train', unseenShare: 0, seed: 1 });
  const test = makeQuestions({ domains, split: 'test', unseenShare: 0.5, seed: 1 });

  it('makes the exact counts, with consecutive ids', () => {
    expect(train).toHaveLength(BUILT_IN_DOMAINS.length * 120);
    expect(new Set(train.map(({ question_id }) => question_id)).size).toBe(train.length);
    expect(train[0]?.question_id).toBe('coding_easy_0001');
  });

  it('shares no question and no fact between train and test, whatever the seed', () => {
    const other = makeQuestions({ domains, split: 'train', unseenShare: 0, seed: 99 });
    const tested = new Set(test.map(({ question }) => question));
    expect([...train, ...other].filter(({ question }) => tested.has(question))).toEqual([]);
    expect([...train, ...other].some((question) => isTestFact(question.task, redraw(question).fact))).toBe(false);
    expect(test.every((question) => isTestFact(question.task, redraw(question).fact))).toBe(true);
  });

  it('uses unseen wordings in the test split only', () => {
    expect(train.some(({ unseen }) => unseen)).toBe(false);
    const share = test.filter(({ unseen }) => unseen).length / test.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it('refuses to redraw a question that the current task would phrase differently', () => {
    const question = train[0]!;
    expect(redraw(question).question).toBe(question.question);
    expect(() => redraw({ ...question, question: `${question.question} ` })).toThrow('made by another version of');
    expect(() => redraw({ ...question, task: 'math/gone' })).toThrow('No generator is called math/gone');
  });

  it('gives equal questions for equal seeds and others for another seed', () => {
    expect(makeQuestions({ domains, split: 'train', unseenShare: 0, seed: 1 })).toEqual(train);
    expect(makeQuestions({ domains, split: 'train', unseenShare: 0, seed: 2 })).not.toEqual(train);
  });

  it('reports the requested number when a domain has too few questions', () => {
    const many = { common_sense: { easy: 500_000, hard: 0 } };
    const small = { ...many, common_sense: { easy: 60_000, hard: 0 } };
    expect(() => makeQuestions({ domains: small, split: 'test', unseenShare: 0, seed: 1 })).toThrow(
      '60000 are requested',
    );
  });
});
