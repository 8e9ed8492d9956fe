import { type Question, Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { sampleRow } from '@cogumi/data/testing';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { mixRows } from './mix-rows.ts';
import { mix } from './stage.ts';

const [drawn] = makeQuestions({ domains: { math: { easy: 1, hard: 0 } }, split: 'test', unseenShare: 0, seed: 1 });
const heldOut = { ...drawn!, question: 'What is  1 + 1?' };
const row = (question: string, answer: string, more: object = {}) => sampleRow({ question, answer, ...more });

describe('mixRows', () => {
  it('rejects exact repeats and every row whose question is held out, but not another answer', () => {
    const mixed = mixRows([row('Hi', 'a'), row('hi ', 'A'), row('Hi', 'b'), row('what is 1 + 1?', '2')], (question) =>
      /what is 1/i.test(question) ? 'held-out' : null,
    );
    expect(mixed.kept.map(({ answer }) => answer)).toEqual(['a', 'b']);
    expect(mixed.rejected.map(({ row: { answer }, reason }) => [answer, reason])).toEqual([
      ['A', 'repeat'],
      ['2', 'held-out'],
    ]);
  });
});

describe('mix', () => {
  const many = (count: number, licence: string) =>
    Array.from({ length: count }, (_, at) => row(`Question ${licence} ${at}`, `Answer ${at}`, { licence }));
  const run = (imported: readonly object[], synthesized: readonly object[], seed = 1, questions = [heldOut]) =>
    runStage(mix, {
      seed,
      options: { validationShare: 0.1 },
      inputs: {
        imported: { files: { 'rows.jsonl': imported } },
        synthesized: { files: { 'rows.jsonl': synthesized } },
        questions: { files: { 'questions.jsonl': questions } },
      },
    });

  it('splits all rows into training and validation, shuffled by the seed', async () => {
    const scored = many(30, 'MIT').map((one) => ({ ...one, score: 0.5, language: 'en' }));
    const { path, facts, items, gates } = await run(scored, many(20, 'Apache-2.0'));
    const train = await readAllJsonl(path('train.jsonl'), Row);
    const validation = await readAllJsonl(path('validation.jsonl'), Row);
    expect([train.length, validation.length]).toEqual([45, 5]);
    expect(new Set([...train, ...validation].map(({ question }) => question)).size).toBe(50);
    expect(facts).toMatchObject({ read: 50, train: 45, validation: 5, licences: ['Apache-2.0', 'MIT'] });
    expect(items).toBe(50);
    expect(verdicts({ gates })).toEqual({ 'splits-disjoint': 'pass' });

    const other = await run(scored, many(20, 'Apache-2.0'), 2);
    expect(await readAllJsonl(other.path('train.jsonl'), Row)).not.toEqual(train);
  });

  it('fails its gate for a held-out question that teachers were asked, not for one that others wrote', async () => {
    const asked = row(heldOut.question, '2');
    const theirs = await run([asked, ...many(3, 'MIT')], many(3, 'Apache-2.0'));
    expect(verdicts(theirs)).toEqual({ 'splits-disjoint': 'pass' });
    expect(theirs.facts).toMatchObject({
      rejected: 1,
      reasons: { 'held-out': 1, 'near-held-out': 0, repeat: 0 },
      train: 5,
    });

    const ours = await run(many(3, 'MIT'), [asked, ...many(3, 'Apache-2.0')]);
    expect(verdicts(ours)).toEqual({ 'splits-disjoint': 'fail' });
    expect(await readAllJsonl(ours.path('rejected.jsonl'), Row.loose())).toEqual([{ ...asked, reason: 'held-out' }]);
  });

  it('rejects what is near-equal to a held-out example, from others and from another domain, and tells it', async () => {
    const example = (question: string): Question => ({
      ...{ ...drawn!, question, domain: 'support', facts: null },
      example: {
        ...{ answer: 'So.', history: [], source: 'own', licence: 'MIT', terms: '' },
        check: { kind: 'exact', accepted: ['So.'] },
      },
    });
    const ask = (what: string) => `Classify what this customer of ours wants from the help desk: ${what}`;
    const held = ask('a refund for the blue kettle that came broken');
    const { facts, path, warnings, gates } = await runStage(mix, {
      options: { validationShare: 0.1 },
      inputs: {
        imported: {
          files: { 'rows.jsonl': [row(`${held}!!`, 'imported'), row(ask('another room'), 'kept'), ...many(20, 'MIT')] },
        },
        synthesized: { files: { 'rows.jsonl': [row(held.toUpperCase(), 'same text')] } },
        'examples.support': {
          files: {
            'held-out.jsonl': [example(held)],
            'training.jsonl': ['a quiet table', 'the bill', 'a taxi', 'to speak with you'].map(ask).map(example),
          },
        },
        'examples.shop': {
          files: {
            'held-out.jsonl': [example('When do you open on Sundays?')],
            'training.jsonl': [example(`Hello. ${held}`)],
          },
        },
        questions: { files: { 'questions.jsonl': [example(held)] } },
      },
    });
    expect(facts.reasons).toEqual({ 'held-out': 1, 'near-held-out': 2, repeat: 0 });
    const rejected = await readAllJsonl(path('rejected.jsonl'), Row.loose());
    expect(rejected.map(({ question }) => question)).toEqual([`${held}!!`, held.toUpperCase(), `Hello. ${held}`]);
    expect(warnings[0]).toContain('1 rows are not trained on');
    expect(verdicts({ gates })).toEqual({ 'splits-disjoint': 'fail' });
  });

  it('skips its gate where nothing was made for training, or nothing is held out', async () => {
    expect(verdicts(await run(many(3, 'MIT'), []))).toEqual({ 'splits-disjoint': 'skipped' });
    expect(verdicts(await run([], many(3, 'MIT'), 1, []))).toEqual({ 'splits-disjoint': 'skipped' });
    expect(verdicts(await run([], []))).toEqual({ 'splits-disjoint': 'skipped' });
  });

  it('refuses an input that is no set of rows, with its file', async () => {
    await expect(run([{ question: 'no answer' }], [])).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining('rows.jsonl'),
    });
  });
});
