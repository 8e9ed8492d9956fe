import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../engine/index.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { TrimVocabularyStageOptions } from './options.ts';
import { trimVocabulary } from './stage.ts';
import { TRIM_GATES, type TrimProof, trimGates } from './trim-gates.ts';

const line = (number: number) => ({
  history: [],
  question: `How much is ${number} and ${number + 7}?`,
  answer: `It is ${2 * number + 7}.`,
});
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => line(from + index));

describe('trim-vocabulary', () => {
  const engine = testEngine();
  const inputs = {
    model: { folder: join(ROOT, 'models/seedling'), facts: { licence: 'Apache-2.0' } },
    rows: { files: { 'train.jsonl': lines(0, 60), 'validation.jsonl': lines(60, 80) } },
  };

  it('keeps what the rows need, proves it, and keeps the licence', async () => {
    const options = TrimVocabularyStageOptions.parse({ proofRows: 4 });
    const { facts, gates } = await runStage(trimVocabulary, { engine, inputs, options });
    expect(facts.vocabulary).toBeLessThan(facts.vocabularyBefore as number);
    expect(facts.licence).toBe('Apache-2.0');
    expect(gates.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(TRIM_GATES.map((name) => `${name} pass`));
  });

  it('fails by coverage where the held-out rows hold words that the others lack', async () => {
    const options = TrimVocabularyStageOptions.parse({ proofRows: 4, size: 320 });
    const story = {
      history: [],
      question: 'Who went home?',
      answer: 'The little girl and her mother went home again.',
    };
    const rows = { files: { ...inputs.rows.files, 'validation.jsonl': [story] } };
    const { gates } = await runStage(trimVocabulary, { engine, inputs: { ...inputs, rows }, options });
    expect(gates.find(({ name }) => name === 'coverage')).toMatchObject({ verdict: 'fail', threshold: 0.98 });
  });

  it('plans for the smaller vocabulary, and for the whole one where coverage decides', () => {
    const model = {
      parameters: 1e6,
      layers: 2,
      hiddenSize: 100,
      vocabularySize: 5000,
      linearSpan: 1,
      keyWidth: 1,
      bits: 16,
    };
    const given = { items: 1, unit: 'rows', fixedSeconds: 0, secondsPerItem: 0, bytes: 0, model };
    const planned = (size: number | null) =>
      trimVocabulary.workload(TrimVocabularyStageOptions.parse({ size }), { model: given, rows: given }, {}).model;
    expect(planned(2000)).toMatchObject({ vocabularySize: 2000, parameters: 700_000 });
    expect(planned(null)).toMatchObject({ vocabularySize: 5000, parameters: 1e6 });
  });
});

describe('the gates of a trimmed vocabulary', () => {
  const sound: TrimProof = {
    ...{ vocabulary: 900, vocabularyBefore: 2000, coverage: 0.999, heldOutTokens: 5000, logitError: 0 },
    ...{
      bitsPerByte: 1.005,
      bitsPerByteBefore: 1,
      bitsPerByteTrimmed: 1.02,
      bitsError: 0.001,
      proofTexts: 60,
      tuned: true,
    },
    ...{ texts: 100, roundTrips: 100, keptTexts: 80, sameTokens: 80 },
  };
  const failed = (change: Partial<TrimProof>) =>
    trimGates({ ...sound, ...change }, TrimVocabularyStageOptions.parse({}))
      .filter(({ verdict }) => verdict !== 'pass')
      .map(({ name, verdict }) => `${name} ${verdict}`);

  it.each<[Partial<TrimProof>, string[]]>([
    [{}, []],
    [{ roundTrips: 99 }, ['round-trip fail']],
    [{ sameTokens: 79 }, ['same-tokens fail']],
    [{ logitError: 0.01 }, ['same-logits fail']],
    [{ coverage: 0.97 }, ['coverage fail']],
    [{ bitsPerByte: 1.2 }, ['bits-per-byte fail']],
    [{ keptTexts: 0, sameTokens: 0 }, ['same-tokens skipped']],
  ])('%o: %o', (change, expected) => {
    expect(failed(change)).toEqual(expected);
  });
});
