import { readFileSync } from 'node:fs';
import { Answer, type Question, Strength } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { randomLora, stories260k } from '@cogumi/llama/testing';
import { describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { evaluate } from '../../proof/evaluate/stage.ts';
import { strength } from './stage.ts';

const template = '{% for m in messages %}{{ m.content }}\n{% endfor %}';
const gguf = { files: { 'model.gguf': stories260k({ metadata: { 'tokenizer.chat_template': { text: template } } }) } };
const adapter = { files: { 'adapter.gguf': randomLora(1).file } };
const asking = { maxTokens: 8, sequences: 2 };

const question = (at: number, accepted = ''): Question => ({
  ...{ question_id: `tale_${at}`, domain: 'tales', difficulty: 'easy', task: 'tales/examples', wording: '' },
  ...{ unseen: null, draw: '', question: `Once there were ${at} cats.`, facts: null },
  example: {
    ...{ answer: accepted, history: [], check: { kind: 'exact', accepted: [accepted] } },
    ...{ source: 'tales.jsonl', licence: 'MIT', terms: null },
  },
});

/** Questions whose right answers are those that the model gives without the adapter. */
async function knownQuestions(count: number): Promise<Question[]> {
  const questions = Array.from({ length: count }, (_, at) => question(at + 2));
  const { path } = await runStage(evaluate, {
    options: asking,
    inputs: { gguf, questions: { files: { 'questions.jsonl': questions } } },
  });
  const answers = await readAllJsonl(path('answers.jsonl'), Answer);
  return answers.map(({ answer }, at) => question(at + 2, answer));
}

async function choose(questions: readonly Question[], strengths: readonly number[]) {
  const { path, facts } = await runStage(strength, {
    options: { ...asking, extraction: 1, strengths },
    inputs: { gguf, adapter, questions: { files: { 'questions.jsonl': questions } } },
  });
  const found = Strength.parse(JSON.parse(readFileSync(path('strength.json'), 'utf8')));
  expect(facts.strength).toBe(found.strength);
  return found;
}

describe('strength', () => {
  it('takes the strongest with which what the model knew does not fall', async () => {
    const found = await choose(await knownQuestions(6), [1e-6, 1, 1e-5]);
    expect(found.strength).toBe(1e-5);
    expect(found.tried.map((one) => one.strength)).toEqual([1, 1e-5]);
    expect(found.tried[0]!.domains[0]).toMatchObject({ domain: 'tales', questions: 6, before: 6, falls: true });
    expect(found.tried[1]!.domains[0]).toMatchObject({ before: 6, lost: 0, falls: false });
  });

  it('takes the weakest where each falls, and a middle one where there is nothing to ask', async () => {
    expect((await choose(await knownQuestions(6), [1, 0.9])).strength).toBe(0.9);
    expect(await choose([], [1, 0.7, 0.5, 0.25])).toEqual({ schema: 1, strength: 0.5, tried: [] });
  });
});
