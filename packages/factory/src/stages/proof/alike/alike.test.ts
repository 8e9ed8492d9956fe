import { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { sampleRow } from '@cogumi/data/testing';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { alike } from './stage.ts';

const heldOut = makeQuestions({
  domains: { reading: { easy: 36, hard: 12 }, math: { easy: 20, hard: 0 } },
  ...{ split: 'test', unseenShare: 0.25, seed: 1 },
});
const example = (at: number): Question => ({
  ...{ question_id: `support_${at}`, domain: 'support', difficulty: 'easy', task: 'support/examples', wording: '' },
  ...{ unseen: null, draw: '', question: `Which plan has the number ${at} on page ${at * at}?`, facts: null },
  example: {
    ...{ answer: 'Team', history: [], check: { kind: 'exact', accepted: ['Team'] } },
    ...{ source: 'support.jsonl', licence: 'MIT', terms: null },
  },
});

async function draw(options: object = {}, apart: readonly Question[] = []) {
  const { path, ...result } = await runStage(alike, {
    options: { questions: 20, unseenShare: 0, ownShare: 1, part: 'check', round: 1, ...options },
    inputs: {
      questions: { files: { 'questions.jsonl': [...heldOut, example(0)] } },
      'against.support': {
        files: { 'held-out.jsonl': [example(0)], 'training.jsonl': [1, 2, 3, 4].map(example) },
      },
      'trained.data': {
        files: {
          'train.jsonl': [sampleRow({ question: example(1).question, answer: 'Team' })],
          'validation.jsonl': [sampleRow({ question: example(2).question, answer: 'Team' })],
        },
      },
      'apart.other': { files: { 'questions.jsonl': apart } },
    },
  });
  return { ...result, questions: await readAllJsonl(path('questions.jsonl'), Question) };
}

const ofDomain = (questions: readonly Question[], domain: string) => questions.filter((one) => one.domain === domain);

describe('alike', () => {
  it('draws the same number of each domain, difficulties in their shares, and none that is held out', async () => {
    const { questions } = await draw();
    expect(ofDomain(questions, 'reading')).toHaveLength(20);
    expect(ofDomain(questions, 'math')).toHaveLength(20);
    expect(ofDomain(questions, 'reading').filter(({ difficulty }) => difficulty === 'hard').length).toBeOneOf([4, 5]);
    const asked = new Set(heldOut.map(({ question }) => question));
    expect(questions.filter(({ question }) => asked.has(question))).toEqual([]);
    expect(new Set(questions.map(({ question_id }) => question_id)).size).toBe(questions.length);
  });

  it('takes examples of one’s own that the model was not trained on, and says where there are few', async () => {
    const { questions, warnings } = await draw();
    expect(
      ofDomain(questions, 'support')
        .map(({ question }) => question)
        .sort(),
    ).toEqual([3, 4].map((at) => example(at).question));
    expect(warnings).toEqual(['Fewer than half of 20 new questions for a domain: support 2. No more can be had.']);
  });

  it('leaves examples of one’s own for what is to be learned', async () => {
    const { questions } = await draw({ ownShare: 0.5 });
    expect(ofDomain(questions, 'support')).toHaveLength(1);
    expect(ofDomain(questions, 'reading')).toHaveLength(20);
  });

  it('keeps apart from what is given, and draws others for another part', async () => {
    const first = await draw();
    const texts = new Set(first.questions.map(({ question }) => question));
    const second = await draw({ part: 'replay' }, first.questions);
    expect(second.questions.length).toBeGreaterThan(20);
    expect(second.questions.filter(({ question }) => texts.has(question))).toEqual([]);
  });
});
