import { type FailedAnswer, Question, type Row, Target } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { sampleRow } from '@cogumi/data/testing';
import type { TeacherPool } from '@cogumi/teachers';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { target } from './stage.ts';

const heldOut = makeQuestions({
  domains: { reading: { easy: 40, hard: 40 }, math: { easy: 40, hard: 0 } },
  ...{ split: 'test', unseenShare: 0.25, seed: 1 },
});

/** Failures of a task in a cluster; null: of a kind that is not clustered. */
const failed = (task: string, cluster: number | null, count = 4): FailedAnswer[] =>
  heldOut
    .filter((question) => question.task === task)
    .slice(0, count)
    .map(({ question_id, domain, difficulty, task: own }) => ({
      ...{
        question_id,
        domain,
        difficulty,
        task: own,
        kind: 'wrong',
        cluster,
        point: cluster === null ? null : [0, 0],
      },
    }));

interface Given {
  readonly examples?: readonly Question[];
  readonly fresh?: readonly Question[];
  /** Training examples of `support`. */
  readonly training?: readonly Question[];
  readonly trained?: readonly Row[];
  readonly teacherPool?: TeacherPool;
}

async function draw(failures: readonly object[], options: object = {}, given: Given = {}) {
  const { path, ...result } = await runStage(target, {
    ...(given.teacherPool && { teacherPool: given.teacherPool }),
    options: {
      clusters: null,
      questions: 30,
      split: 'train',
      unseenShare: 0,
      writer: null,
      round: 1,
      unused: false,
      ownShare: 1,
      ...options,
    },
    inputs: {
      failures: { files: { 'failures.jsonl': failures } },
      questions: { files: { 'questions.jsonl': [...heldOut, ...(given.examples ?? [])] } },
      ...(given.fresh && { 'apart.fresh': { files: { 'questions.jsonl': given.fresh } } }),
      ...(given.training && {
        'against.support': { files: { 'training.jsonl': given.training, 'held-out.jsonl': given.examples ?? [] } },
      }),
      ...(given.trained && {
        'trained.data': { files: { 'train.jsonl': given.trained, 'validation.jsonl': [] } },
      }),
    },
  });
  if (result.skipped) return { ...result, questions: [], targets: [] };
  const questions = await readAllJsonl(path('questions.jsonl'), Question);
  return { ...result, questions, targets: await readAllJsonl(path('targets.jsonl'), Target) };
}

const count = (questions: readonly Question[], task: string) => questions.filter((one) => one.task === task).length;

const example = (question: string): Question => ({
  ...{
    question_id: `ex-${question}`,
    domain: 'support',
    difficulty: 'easy',
    task: 'support/examples',
    wording: '',
  },
  ...{ unseen: null, draw: '', question, facts: null },
  example: {
    ...{ answer: 'Team', history: [], check: { kind: 'exact', accepted: ['Team'] } },
    ...{ source: 'support.jsonl', licence: 'MIT', terms: null },
  },
});

const failedExample = (example: Question): object => ({
  ...{ question_id: example.question_id, domain: 'support', difficulty: 'easy', task: 'support/examples' },
  ...{ kind: 'wrong', cluster: 0, point: [0, 0] },
});

describe('target', () => {
  it('gives each cluster the same number of questions, by what failed in it', async () => {
    const failures = [
      ...failed('reading/people', 0, 9),
      ...failed('reading/events', 0, 3),
      ...failed('math/count', 1, 2),
      ...failed('math/sum', null),
    ];
    const { questions, targets } = await draw(failures, { questions: 20 });
    expect(count(questions, 'reading/people')).toBe(15);
    expect(count(questions, 'reading/events')).toBe(5);
    expect(count(questions, 'math/count')).toBe(20);
    expect(questions).toHaveLength(40);
    expect(targets.filter(({ cluster }) => cluster === 1)).toHaveLength(20);
    expect(targets.map((one) => one.question_id)).toEqual(questions.map((one) => one.question_id));
    expect(new Set(targets.map((one) => one.question_id)).size).toBe(40);
  });

  it('trains on no held-out question, and asks new ones again', async () => {
    const failures = failed('reading/people', 0, 9);
    const asked = new Set(heldOut.map(({ question }) => question));
    const train = await draw(failures);
    const test = await draw(failures, { split: 'test', unseenShare: 0.25 });
    for (const { questions } of [train, test])
      expect(questions.filter(({ question }) => asked.has(question))).toEqual([]);
    const trained = new Set(train.questions.map(({ question }) => question));
    expect(test.questions.filter(({ question }) => trained.has(question))).toEqual([]);
    expect(verdicts(train)).toEqual({ 'splits-disjoint': 'pass' });
    expect(verdicts(test)).toEqual({ 'splits-disjoint': 'skipped' });
  });

  it('draws others in another round', async () => {
    const failures = failed('reading/people', 0);
    const [first, second] = [await draw(failures), await draw(failures, { round: 2 })];
    const texts = new Set(first.questions.map(({ question }) => question));
    expect(second.questions.filter(({ question }) => texts.has(question)).length).toBeLessThan(10);
  });

  it('takes the largest clusters only, where the recipe says so', async () => {
    const failures = [...failed('reading/people', 0), ...failed('math/count', 1)];
    const { questions } = await draw(failures, { clusters: 1 });
    expect(new Set(questions.map(({ task }) => task))).toEqual(new Set(['reading/people']));
  });

  it('has nothing to do where nothing failed, and says what no generator can make', async () => {
    expect((await draw([])).skipped).toBe('no failure is in a cluster');
    const [one] = failed('reading/people', 0);
    const foreign = { ...one, domain: 'support', task: 'support/examples' };
    const { questions, warnings } = await draw([one!, foreign]);
    expect(questions).toHaveLength(30);
    expect(warnings).toEqual([
      '1 of 2 failures are of questions that no generator makes and no unused example is like.',
    ]);
  });

  it('lets a teacher write others of examples of one’s own, none of which is held out', async () => {
    const [failing, other] = [example('Which plan has five seats?'), example('Which plan has nine seats in all?')];
    const fresh = example('Which of the plans can be had for a whole year at once?');
    const written = [
      other!.question,
      fresh.question,
      'Which plan comes without any seat?',
      'Which plan is the oldest?',
    ];
    const teacherPool = {
      complete: async (_teacher: string, calls: readonly unknown[]) =>
        calls.map(() => JSON.stringify({ variants: written.map((question) => ({ question, answer: 'Office' })) })),
      judge: async (items: readonly unknown[]) => items.map(() => ({ correct: true })),
    } as unknown as TeacherPool;
    const failures = [failedExample(failing!)];
    const given = { examples: [failing!, other!], fresh: [fresh], teacherPool };
    const { questions, facts, ...result } = await draw(failures, { questions: 4, writer: 'openai:writer' }, given);
    expect(questions.map(({ question }) => question)).toEqual(written.slice(2));
    expect(questions[0]).toMatchObject({
      task: 'support/written',
      example: { answer: 'Office', source: 'openai:writer' },
    });
    expect(facts).toMatchObject({ leftOut: 2 });
    expect(verdicts(result)).toEqual({ 'splits-disjoint': 'skipped' });
  });

  it('draws examples of one’s own that the model was not trained on, and that nothing else takes', async () => {
    const texts = [
      'one seat',
      'a yearly bill',
      'student prices',
      'no phone help',
      'an office abroad',
      'a paper invoice',
    ];
    const [failing, learned, fresh, ...left] = texts.map((text) => example(`Which plan comes with ${text}?`));
    const given = {
      ...{ examples: [failing!], training: [learned!, fresh!, ...left], fresh: [fresh!] },
      trained: [sampleRow({ question: learned!.question, answer: 'Team' })],
    };
    const failures = [failedExample(failing!)];
    const { questions } = await draw(failures, { unused: true, questions: 2 }, given);
    expect(questions).toHaveLength(2);
    const all = await draw(failures, { unused: true, questions: 9 }, given);
    expect(all.questions.map(({ question }) => question).sort()).toEqual(left.map(({ question }) => question).sort());
    const some = await draw(failures, { unused: true, questions: 9, ownShare: 0.7 }, given);
    expect(some.questions).toHaveLength(2);
    expect((await draw(failures, { unused: false }, given)).skipped).toMatch('no generator makes');
  });

  it('gives every cluster its share where examples of one’s own are fewer than wanted', async () => {
    const training = ['one seat', 'a yearly bill', 'student prices', 'no phone help'].map(example);
    const [one, other] = ['failed', 'failed as well'].map(example);
    const failures = [failedExample(one!), { ...failedExample(other!), cluster: 1 }];
    const { targets } = await draw(failures, { unused: true, questions: 20 }, { examples: [one!, other!], training });
    expect(targets.map(({ cluster }) => cluster).sort()).toEqual([0, 0, 1, 1]);
  });

  it('draws no example of one’s own to learn that is nearly one of the proof', async () => {
    const words = Array.from({ length: 24 }, (_, at) => `word${at}`);
    const [failing, fresh, other] = ['seats', 'bills', 'invoices'].map((what) =>
      example(`${what}: ${words.map((word) => `${word}-${what}`).join(' ')}`),
    );
    const near = example(`${fresh!.question} please`);
    const { questions } = await draw(
      [failedExample(failing!)],
      { unused: true },
      { examples: [failing!], training: [fresh!, near, other!], fresh: [fresh!] },
    );
    expect(questions.map(({ question }) => question)).toEqual([other!.question]);
  });
});
