import type { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { stories260k } from '@cogumi/llama/testing';
import { makeQuestions, redraw } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runStage } from '../../../testing/stage-context.ts';
import { makePairs } from './make-pairs.ts';
import { questionsNeeded } from './questions-needed.ts';
import { minimalPairs } from './stage.ts';

const template = { 'tokenizer.chat_template': { text: '{% for m in messages %}{{ m.content }}{% endfor %}' } };
const gguf = { files: { 'model.gguf': stories260k({ metadata: template }) } };
const [drawn] = makeQuestions({
  domains: { math: { easy: 1, hard: 0 } },
  ...{ split: 'test', unseenShare: 0, seed: 1 },
} as Parameters<typeof makeQuestions>[0]) as [Question];

/** An example whose question is the beginning of a story. */
const example = (number: number, answer: string): Question => ({
  ...{ question_id: `stories_${number}`, domain: 'stories', difficulty: 'easy', task: 'stories/examples' },
  ...{ wording: 'own', unseen: null, draw: '1', facts: null, question: 'Once upon a time, there was a little' },
  example: {
    ...{ answer, history: [], source: 'own', licence: 'CC0-1.0', terms: null },
    check: { kind: 'exact', accepted: [answer] },
  },
});
const stories = [example(1, 'girl named Lily.'), example(2, 'zq vx kkj wq bbx.')];

describe('minimal-pairs', () => {
  it('takes the wrong answer of the generator, and of an example that of the next one', () => {
    const { answer, wrongAnswer } = redraw(drawn);
    const pairs = makePairs([drawn, ...stories, { ...example(3, 'zq vx kkj wq bbx.') }]);
    expect(pairs.map(({ right, wrong }) => [right, wrong])).toEqual([
      [answer, wrongAnswer],
      ['girl named Lily.', 'zq vx kkj wq bbx.'],
      ['zq vx kkj wq bbx.', 'girl named Lily.'],
      ['zq vx kkj wq bbx.', 'girl named Lily.'],
    ]);
    expect(makePairs([stories[0] as Question])).toEqual([]);
  });

  it('counts what a model finds likelier, the same in a copy of it', async () => {
    const questions = { files: { 'questions.jsonl': stories } };
    const ran = await runStage(minimalPairs, { options: { ratio: 0.97 }, inputs: { gguf, against: gguf, questions } });
    expect(ran.facts).toEqual({ right: 1, rightOfOther: 1, pairs: 2, apart: 0, bitsOfRight: 1 });
    expect(ran.gates).toMatchObject([{ name: 'right-choices', measured: 1, guard: false, verdict: 'inconclusive' }]);
    const Line = z.object({ bits: z.object({ right: z.number(), wrong: z.number() }) });
    const [likely, unlikely] = await readAllJsonl(ran.path('pairs.jsonl'), Line);
    expect(likely!.bits.wrong).toBeGreaterThan(3 * likely!.bits.right);
    expect(unlikely!.bits).toEqual({ right: likely!.bits.wrong, wrong: likely!.bits.right });
  });

  it('is skipped where no question has a wrong answer', async () => {
    const questions = { files: { 'questions.jsonl': [stories[0] as Question] } };
    const ran = await runStage(minimalPairs, { options: { ratio: 0.97 }, inputs: { gguf, against: gguf, questions } });
    expect(ran.gates).toMatchObject([{ verdict: 'skipped' }]);
  });

  it('says how many questions would tell', () => {
    const outcomes = (apart: number): [boolean, boolean][] =>
      Array.from({ length: 240 }, (_, at) => [at < 145, at < 145 ? at >= apart : at < 149 + apart]);
    expect(questionsNeeded(outcomes(2), 0.97)).toBe('about 760 for a model that loses nothing');
    expect(questionsNeeded([[true, true]], 0.97)).toBe('as many again');
  });
});
