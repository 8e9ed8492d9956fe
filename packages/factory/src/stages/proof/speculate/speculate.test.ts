import { stories260k } from '@cogumi/llama/testing';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { meanRatio } from './mean-ratio.ts';
import { expectedShare } from './measure-speed.ts';
import { speculate } from './stage.ts';

describe('meanRatio', () => {
  it('is the geometric mean, with an interval by Student’s t', () => {
    const { ratio, interval } = meanRatio([1, 2, 4]);
    expect(ratio).toBeCloseTo(2);
    // By hand: standard error 0.4002, t with 2 degrees 4.30; the expansion gives 3.15.
    expect(Math.log(interval[1] / 2)).toBeCloseTo(0.4002 * 3.147, 2);
    expect(interval[0] * interval[1]).toBeCloseTo(4);
    expect(meanRatio([1.1, 1.1]).interval[0]).toBeCloseTo(1.1);
  });
});

describe('expectedShare', () => {
  it('is what is accepted of a draft on average', () => {
    expect(expectedShare(1, 5)).toBe(1);
    expect(expectedShare(0.5, 2)).toBeCloseTo((0.5 + 0.25) / 2);
    expect(expectedShare(0, 5)).toBe(0);
  });
});

describe('speculate', () => {
  const template = { metadata: { 'tokenizer.chat_template': { text: '{{ messages[0].content }}' } } };
  const questions = makeQuestions({
    domains: { reading: { easy: 4, hard: 4 } },
    split: 'test',
    unseenShare: 0,
    seed: 1,
  });

  it('measures what is accepted, and refuses a draft model that is the model itself', async () => {
    const gguf = { files: { 'model.gguf': stories260k(template) }, facts: { parameters: 260_032, type: 'f32' } };
    const { gates, facts, path } = await runStage(speculate, {
      options: { prompts: 6, maxTokens: 40 },
      inputs: {
        ...{ gguf, draft: gguf },
        trained: { facts: { overlap: 0.9, agreement: 0.9 } },
        questions: { files: { 'questions.jsonl': questions } },
      },
    });
    expect(facts.accepted).toBeGreaterThan(0.95);
    expect(facts.acceptedOfDrafts).toBeGreaterThan(0.85);
    expect(facts.predictedOfDrafts).toBeCloseTo(expectedShare(0.9, 5));
    expect(facts.base).toMatch(/^sha256:/);
    const [faster] = gates;
    expect(faster!.evidence).toMatch(
      /^6 answers in turn, [\d.]+ and [\d.]+ tokens\/s; of \d+ drafted tokens \d+% accepted, 90% predicted/,
    );
    // A draft model as slow as the model does not pay; what it did not draft cannot have made anything faster.
    if (facts.drafts === 0) expect(faster).toMatchObject({ measured: 1, interval: null, verdict: 'fail' });
    expect(path('model.gguf')).toMatch(/model\.gguf$/);
  });
});
