import { Samples } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { stories260k } from '@cogumi/llama/testing';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { sample } from './stage.ts';

const template = { 'tokenizer.chat_template': { text: '{% for m in messages %}{{ m.content }}{% endfor %}' } };
const gguf = { files: { 'model.gguf': stories260k({ metadata: template }) } };
const questions = makeQuestions({
  domains: { math: { easy: 3, hard: 0 }, reading: { easy: 2, hard: 0 } },
  ...{ split: 'test', unseenShare: 0, seed: 1 },
} as Parameters<typeof makeQuestions>[0]);
const options = { samples: 3, temperature: 1, maxTokens: 8, sequences: 2, domains: ['math'] };

describe('sample', () => {
  it('draws answers, the first the likeliest, the same each time, and measures how often they agree', async () => {
    const run = () =>
      runStage(sample, { options, inputs: { gguf, questions: { files: { 'questions.jsonl': questions } } } });
    const first = await run();
    const found = await readAllJsonl(first.path('samples.jsonl'), Samples);
    expect(found.map(({ domain, answers }) => [domain, answers.length])).toEqual(Array(3).fill(['math', 3]));
    expect(new Set(found.flatMap(({ answers }) => answers.map(({ answer }) => answer))).size).toBeGreaterThan(3);
    // A model that tells stories says another one each time.
    expect(first.facts).toMatchObject({ byDomain: { math: { questions: 3, consistent: 0, right: 0 } } });
    expect(first.gates).toEqual([]);
    expect(await readAllJsonl((await run()).path('samples.jsonl'), Samples)).toEqual(found);
  });

  it('tells a model that became less consistent', async () => {
    const before = questions.map(({ question_id, domain }): Samples => {
      const answers = Array.from({ length: 3 }, () => ({ answer: '7', says: '7', correct: true }));
      return { question_id, domain, answers };
    });
    const inputs = {
      gguf,
      questions: { files: { 'questions.jsonl': questions } },
      against: { files: { 'samples.jsonl': before } },
    };
    const { gates, facts } = await runStage(sample, { options, inputs });
    // Three questions prove nothing.
    expect(verdicts({ gates })).toEqual({ 'no-less-consistent-math': 'inconclusive' });
    expect(gates[0]).toMatchObject({ measured: 0, guard: true });
    expect(facts).toMatchObject({ ofInconsistent: null });
  });
});
