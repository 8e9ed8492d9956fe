import { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { questions } from './stage.ts';

const domains = { math: { easy: 30, hard: 10 }, reading: { easy: 5, hard: 5 } };

describe('questions', () => {
  const run = async (options: object, seed = 1) => {
    const { path, facts } = await runStage(questions, { options, seed });
    return { made: await readAllJsonl(path('questions.jsonl'), Question), facts };
  };

  it('fills the counts exactly, with no question twice', async () => {
    const { made, facts } = await run({ domains });
    const counts = Map.groupBy(made, ({ domain, difficulty }) => `${domain} ${difficulty}`);
    expect(Object.fromEntries([...counts].map(([name, own]) => [name, own.length]))).toEqual({
      'math easy': 30,
      'math hard': 10,
      'reading easy': 5,
      'reading hard': 5,
    });
    expect(new Set(made.map(({ question }) => question)).size).toBe(50);
    expect(facts).toMatchObject({ split: 'test', questions: 50, byDomain: { math: 40, reading: 10 } });
  });

  it('repeats itself for a seed, and shares no question between train and test', async () => {
    const first = await run({ domains });
    expect((await run({ domains })).made).toEqual(first.made);
    const train = await run({ domains, split: 'train', unseenShare: 0 });
    const texts = new Set(first.made.map(({ question }) => question));
    expect(train.made.filter(({ question }) => texts.has(question))).toEqual([]);
  });

  it('takes phrasings that training never sees for the share asked for', async () => {
    const unseen = async (unseenShare: number) => (await run({ domains, unseenShare })).made.map((one) => one.unseen);
    expect(new Set(await unseen(1))).toEqual(new Set([true]));
    expect(new Set(await unseen(0))).toEqual(new Set([false]));
  });

  it('leaves out of the training questions what is held out, or near-equal to an example that is', async () => {
    const { made } = await run({ domains: { math: { easy: 3, hard: 0 } }, split: 'train', unseenShare: 0 });
    const ask = (question: string): Question => ({ ...made[0]!, question, domain: 'support' });
    const held = ask('How do I get a refund for the blue kettle that came broken?');
    const others = ['When do you open?', 'Where is my parcel?'].map(ask);
    const near = ask('How do I get a refund for the blue kettle that came broken, please?');
    const { facts, path, warnings } = await runStage(questions, {
      options: { domains: { math: { easy: 3, hard: 0 } }, split: 'train', unseenShare: 0 },
      inputs: {
        'examples.shop': { files: { 'training.jsonl': [near, ...others] } },
        heldOut: { files: { 'questions.jsonl': [held, made[1]!] } },
        'against.support': { files: { 'held-out.jsonl': [held], 'training.jsonl': others } },
      },
    });
    const kept = (await readAllJsonl(path('questions.jsonl'), Question)).map(({ question }) => question);
    expect(kept).toEqual([made[0]!.question, made[2]!.question, others[0]!.question, others[1]!.question]);
    expect(facts).toMatchObject({ questions: 4, leftOut: 2 });
    expect(warnings[0]).toContain('2 questions are not trained on');
  });
});
