import { type Answer, type Question, Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { distill } from './stage.ts';

const asked = makeQuestions({ domains: { math: { easy: 20, hard: 20 } }, split: 'train', unseenShare: 0, seed: 3 });
/** What the base answered: right on the first `correct` questions. */
const passAtOne = (correct: number) =>
  asked.map(
    ({ question_id, domain, unseen }: Question, at): Answer => ({
      ...{ question_id, domain, unseen, answer: '', tokens: 1, finish: 'stop', correct: at < correct, reason: '' },
    }),
  );

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

  it('fails its gate when the base knows everything already', async () => {
    const { gates } = await run(40, { keepPassed: 0 });
    expect(verdicts({ gates })).toEqual({ 'rows-to-learn': 'fail' });
  });
});
