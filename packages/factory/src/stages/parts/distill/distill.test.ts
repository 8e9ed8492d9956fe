import { type Answer, type Question, Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { makeRow } from '@cogumi/data/rows';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { DistillOptions } from './options.ts';
import { distill } from './stage.ts';

const asked = makeQuestions({ domains: { math: { easy: 20, hard: 20 } }, split: 'train', unseenShare: 0, seed: 3 });
/** What the base answered: right on the first `correct` questions. */
const passAtOne = (correct: number) =>
  asked.map(
    ({ question_id, domain, unseen }: Question, at): Answer => ({
      ...{ question_id, domain, unseen, answer: '', tokens: 1, finish: 'stop', correct: at < correct, reason: '' },
    }),
  );

/** A row that the model was trained on before. */
const oldRow = ({ question_id, domain, difficulty, question }: Question): Row =>
  makeRow({ question_id, domain, difficulty, question, answer: 'old', source: 'old.jsonl', licence: 'CC0-1.0' });

describe('distill', () => {
  const run = async (correct: number, options: object = {}) => {
    const { path, ...result } = await runStage(distill, {
      options: { validationShare: 0.1, ...options },
      inputs: {
        questions: { files: { 'questions.jsonl': asked } },
        passAtOne: { files: { 'answers.jsonl': passAtOne(correct) } },
      },
    });
    const train = await readAllJsonl(path('train.jsonl'), Row);
    const validation = await readAllJsonl(path('validation.jsonl'), Row);
    return { ...result, train, validation };
  };

  it('teaches every question that the base failed, and a share of those it passed', async () => {
    const { train, validation, facts, gates } = await run(20, { keepPassed: 0.25 });
    const rows = [...train, ...validation];
    const taught = new Set(rows.map(({ question }) => question));
    expect(asked.slice(20).filter(({ question }) => !taught.has(question))).toEqual([]);
    expect(rows).toHaveLength(25);
    expect(validation).toHaveLength(3);
    expect(facts).toMatchObject({ asked: 40, failed: 20, kept: 5, unanswered: 0 });
    expect(verdicts({ gates })).toEqual({ 'rows-to-learn': 'pass' });
  });

  it('asks a tier only what the cheaper ones got wrong', async () => {
    const { facts } = await run(0, { tiers: ['procedural:apprentice', 'procedural:master'] });
    const [cheap, best] = facts.tiers as { teacher: string; asked: number; accepted: number }[];
    expect(cheap).toMatchObject({ teacher: 'procedural:apprentice', asked: 40 });
    expect(best).toMatchObject({ asked: 40 - cheap!.accepted, accepted: 40 - cheap!.accepted });
  });

  it('mixes old rows in, so that they are the share that is asked for', async () => {
    const { train: first, validation: rest } = await run(0, { keepPassed: 0 });
    const old = [...first, ...rest].map((row) => ({ ...row, question: `old ${row.question}` }));
    const { path, facts } = await runStage(distill, {
      options: { keepPassed: 0, oldShare: 0.2 },
      inputs: {
        questions: { files: { 'questions.jsonl': asked } },
        passAtOne: { files: { 'answers.jsonl': passAtOne(20) } },
        'old.data': { files: { 'train.jsonl': old } },
      },
    });
    const rows = [
      ...(await readAllJsonl(path('train.jsonl'), Row)),
      ...(await readAllJsonl(path('validation.jsonl'), Row)),
    ];
    expect(facts).toMatchObject({ failed: 20, old: 5 });
    expect(rows).toHaveLength(25);
    expect(rows.filter(({ question }) => question.startsWith('old '))).toHaveLength(5);
  });

  it('holds rows of each new kind and of old ones back, in their shares, so that both decide when training stops', async () => {
    const old = asked.map((question) => oldRow(question));
    const { path } = await runStage(distill, {
      options: { keepPassed: 0, oldShare: 0.5, validationShare: 0.2 },
      inputs: {
        questions: { files: { 'questions.jsonl': asked } },
        passAtOne: { files: { 'answers.jsonl': passAtOne(0) } },
        'old.data': { files: { 'train.jsonl': old } },
      },
    });
    const held = await readAllJsonl(path('validation.jsonl'), Row);
    expect(held).toHaveLength(16);
    expect(held.filter(({ source }) => source === 'old.jsonl')).toHaveLength(8);
    const kinds = new Set(asked.map(({ task, difficulty }) => `${task} ${difficulty}`));
    const counts = Map.groupBy(asked, ({ task, difficulty }) => `${task} ${difficulty}`);
    for (const kind of kinds) {
      const share = 0.2 * counts.get(kind)!.length;
      const found = held.filter(({ source, difficulty }) => `${source} ${difficulty}` === kind).length;
      expect(Math.abs(found - share), kind).toBeLessThanOrEqual(1);
    }
  });

  it('fails its gate when the base knows everything already', async () => {
    const { gates } = await run(40, { keepPassed: 0 });
    expect(verdicts({ gates })).toEqual({ 'rows-to-learn': 'fail' });
  });

  it('answers examples as they came, where no teacher can: generators know their own questions only', async () => {
    const examples = asked.slice(0, 10).map(
      ({ question_id, question }): Question => ({
        ...{ question_id, domain: 'support', difficulty: 'easy', task: 'support/examples', wording: '', unseen: null },
        ...{ draw: '', question, facts: null },
        example: {
          ...{ answer: `Answer of ${question_id}`, history: [], source: 'own.jsonl', licence: 'CC0-1.0', terms: null },
          check: { kind: 'contains', accepted: ['Answer'] },
        },
      }),
    );
    const { path, facts } = await runStage(distill, {
      options: { validationShare: 0.1 },
      inputs: {
        questions: { files: { 'questions.jsonl': examples } },
        passAtOne: { files: { 'answers.jsonl': passAtOne(0).slice(0, 10) } },
      },
    });
    const rows = await readAllJsonl(path('train.jsonl'), Row);
    expect(rows).toHaveLength(9);
    expect(rows[0]).toMatchObject({
      ...{ answer: `Answer of ${rows[0]?.question_id}`, domain: 'support' },
      ...{ source: 'own.jsonl', licence: 'CC0-1.0', teacher: null },
    });
    expect(facts).toMatchObject({ failed: 10, unanswered: 0, byExample: 10, tiers: [] });
  });

  it('plans no request to generators for examples, and one judgement for each answer of a teacher', () => {
    const options = DistillOptions.parse({ tiers: ['procedural:master', 'openai:test'] });
    const given = { domain: 'support', split: 'train', count: 50, generated: false, judge: 'openai:judge' } as const;
    const shared = { unit: 'questions', fixedSeconds: 0, secondsPerItem: 0, bytes: 0 };
    const { asks = [] } = distill.workload(options, { questions: { ...shared, items: 50, questions: [given] } }, {});
    expect(new Set(asks.map(({ teacher }) => teacher))).toEqual(new Set(['openai:test', 'openai:judge']));
    expect(asks.find(({ teacher }) => teacher === 'openai:judge')?.requests).toBe(50);
  });
});
