import { afterAll, describe, expect, it } from 'vitest';
import { Scheduler } from '../scheduling/scheduler.ts';
import { scheduledAnswers } from '../testing/scheduled-answers.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import { loadModel } from './model.ts';

const NOTHING = { used: false, reason: 'it is not asked for' };

describe('a context that begins small', async () => {
  const { modelPath, write, remove } = await storiesFolder();
  afterAll(remove);
  const adapters = { a: await write('a.gguf', randomLora(1).file) };
  const load = (firstTokens?: number) =>
    loadModel({
      ...{ modelPath, adapters, threads: 1, contextTokens: 512, sequences: 2, mixing: false },
      ...(firstTokens === undefined ? {} : { firstTokens }),
    });

  it('answers as one of full size, before it grows, over the growth and after it', async () => {
    const answers = async (firstTokens?: number, growth?: 'between') => {
      const model = await load(firstTokens);
      const scheduler = new Scheduler(model, 2, NOTHING, NOTHING);
      const [short, other] = ['Once upon a time', 'Tim had a red ball. He'].map((text) =>
        model.vocabulary.tokenize(text, true, true),
      ) as [number[], number[]];
      const first = await scheduledAnswers(scheduler, [{ prompt: short, maxTokens: 20, adapter: 'a' }]);
      if (growth) model.grow();
      // The second turn finds the first one in the caches, and passes 256 tokens with its adapter.
      const turn = [...short, ...first[0]!.ids, ...other];
      const then = await scheduledAnswers(scheduler, [
        { prompt: turn, maxTokens: 280, adapter: 'a' },
        { prompt: other, maxTokens: 40 },
      ]);
      model.close();
      return [...first, ...then].map(({ ids, cachedTokens }) => ({ ids, cachedTokens }));
    };
    const whole = await answers();
    expect(whole[1]!.cachedTokens).toBeGreaterThan(20);
    expect(whole[1]!.ids.length + whole[1]!.cachedTokens).toBeGreaterThan(256);
    expect(await answers(256)).toEqual(whole);
    expect(await answers(256, 'between')).toEqual(whole);
  });

  it('says how long a text may be from the beginning, and reads one that is longer than its first caches', async () => {
    const [small, whole] = [await load(256), await load()];
    expect(small.info.contextTokens).toBe(whole.info.contextTokens);
    const long = Array.from({ length: 300 }, (_, position) => ({
      ...{ token: 3 + (position % 400), position, sequence: 1, output: position === 299 },
    }));
    for (const model of [small, whole]) model.decode(long, false);
    expect(small.logits(299)).toEqual(whole.logits(299));
    expect(() => small.decode([{ token: 3, position: 512, sequence: 1, output: true }], false)).toThrow('llama_decode');
    small.close();
    whole.close();
  });
});
