import { Answer } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { stories260k } from '@cogumi/llama/testing';
import { EXTRACTION_VERSION } from '@cogumi/teachers';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { evaluate } from './stage.ts';

const template = { 'tokenizer.chat_template': { text: '{% for m in messages %}{{ m.content }}{% endfor %}' } };
const gguf = { files: { 'model.gguf': stories260k({ metadata: template }) } };
const questions = makeQuestions({
  domains: { math: { easy: 3, hard: 0 }, reading: { easy: 3, hard: 0 } },
  ...{ split: 'test', unseenShare: 0, seed: 1 },
} as Parameters<typeof makeQuestions>[0]);

describe('evaluate', () => {
  it('answers the questions of its domains, with a verdict and a reason for each, the same each time', async () => {
    const run = () =>
      runStage(evaluate, {
        options: { maxTokens: 8, sequences: 2, domains: ['math'] },
        inputs: { gguf, questions: { files: { 'questions.jsonl': questions } } },
      });
    const first = await run();
    const answers = await readAllJsonl(first.path('answers.jsonl'), Answer);
    expect(answers.map(({ domain }) => domain)).toEqual(['math', 'math', 'math']);
    // A model that tells stories knows no sums.
    expect(answers.every(({ correct, reason, tokens }) => !correct && reason !== '' && tokens <= 8)).toBe(true);
    expect(first.facts).toMatchObject({ all: { questions: 3, correct: 0 }, comparedTo: null });
    expect(first.gates).toEqual([]);
    expect(await readAllJsonl((await run()).path('answers.jsonl'), Answer)).toEqual(answers);
  });

  it('judges answers as they stand, or with the rules of extraction says why each is wrong', async () => {
    const run = async (extraction: object) => {
      const { path, facts } = await runStage(evaluate, {
        options: { maxTokens: 8, sequences: 2, domains: ['math'], ...extraction },
        inputs: { gguf, questions: { files: { 'questions.jsonl': questions } } },
      });
      return { facts, answers: await readAllJsonl(path('answers.jsonl'), Answer) };
    };
    const asGiven = await run({});
    expect(asGiven.answers.every((answer) => !('failure' in answer) && !('extracted' in answer))).toBe(true);
    expect(asGiven.facts.byDomain).not.toHaveProperty('math.all.failures');
    const found = await run({ extraction: EXTRACTION_VERSION });
    // Eight tokens of a story hold no number.
    expect(found.answers.map(({ failure }) => failure)).toEqual(['cut', 'cut', 'cut']);
    expect(found.facts.byDomain).toMatchObject({ math: { all: { inProse: 0, failures: { cut: 3 } } } });
  });

  it('compares with another model on the same questions, and names it', async () => {
    const right = questions.map(
      ({ question_id, domain, unseen }): Answer => ({
        ...{ question_id, domain, unseen, answer: '', tokens: 1, finish: 'stop', correct: true, reason: '' },
      }),
    );
    const run = (options: object) =>
      runStage(evaluate, {
        options: { maxTokens: 4, sequences: 2, ...options },
        inputs: {
          gguf,
          questions: { files: { 'questions.jsonl': questions } },
          against: { files: { 'answers.jsonl': right } },
        },
      });
    const { gates, facts, artifact } = await run({ goals: [{ domain: null, ratio: 0.9 }], noFall: true });
    expect(verdicts({ gates })).toEqual({
      ...{ 'against-all': 'fail', 'no-fall-math': 'inconclusive', 'no-fall-reading': 'inconclusive' },
    });
    expect(facts.comparedTo).toBe(artifact.manifest.inputs.against);
    expect(gates[1]?.evidence).toContain('the start model 3');
    const repaired = await run({ noFall: 'before' });
    expect(repaired.gates[0]?.evidence).toContain('the model before 3');
    expect(repaired.gates[0]?.advice).toContain('repair.train');
  });
});
