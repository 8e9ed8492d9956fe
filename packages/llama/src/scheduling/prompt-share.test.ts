import { afterAll, describe, expect, it } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { scheduledAnswers } from '../testing/scheduled-answers.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { PromptShare } from './prompt-share.ts';
import { Scheduler } from './scheduler.ts';

const OFF = { used: false, reason: 'off' };

describe('PromptShare', () => {
  it('gives whole passes until a pass was timed, and where a whole one is short enough', () => {
    const share = new PromptShare(500);
    expect(share.tokens).toBe(512);
    share.measured(512, 400);
    expect(share.tokens).toBe(512);
  });

  it.each([
    [500, 512],
    [1_000, 256],
    [1_020, 128],
    [60_000, 128],
  ])('of 512 tokens that take %i ms, gives %i', (ms, tokens) => {
    const share = new PromptShare(500);
    share.measured(512, ms);
    expect(share.tokens).toBe(tokens);
  });

  it('follows the load of the machine, and learns nothing from a pass over a few tokens', () => {
    const share = new PromptShare(500);
    for (let pass = 0; pass < 8; pass++) share.measured(129, 400);
    expect(share.tokens).toBe(128);
    for (let pass = 0; pass < 8; pass++) share.measured(129, 200);
    expect(share.tokens).toBe(256);
    share.measured(8, 1_000);
    expect(share.tokens).toBe(256);
  });
});

describe('a long prompt', async () => {
  const { modelPath, remove } = await storiesFolder();
  const model = await loadModel({ modelPath, threads: 1, contextTokens: 512, sequences: 3, mixing: false });
  const passes: number[][] = [];
  const watched = Object.create(model, {
    decode: {
      value: (...[entries, hidden]: Parameters<Model['decode']>) => {
        passes.push(entries.map(({ sequence }) => sequence));
        model.decode(entries, hidden);
      },
    },
  }) as Model;
  afterAll(async () => {
    model.close();
    await remove();
  });
  const short = model.vocabulary.tokenize('Once upon a time', true, true);
  const long = Array.from({ length: 400 }, (_, at) => (at === 0 ? 1 : 3 + ((at * 7) % 400)));

  /** Tokens of an answer and of two behind long prompts, the tokens of prompts that were read, and the sequences of each pass. */
  async function interrupted(tokens: number) {
    const share = Object.create(new PromptShare(), { tokens: { value: tokens }, measured: { value: () => {} } });
    const scheduler = new Scheduler(watched, 3, OFF, OFF, { share });
    passes.length = 0;
    const answers = await scheduledAnswers(scheduler, [
      { prompt: short, maxTokens: 40 },
      { prompt: long, maxTokens: 4 },
      { prompt: long.toReversed().with(0, 1), maxTokens: 4 },
    ]);
    const cached = answers.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0);
    const read = short.length + 2 * long.length - cached;
    return { ids: answers.map(({ ids }) => ids), read, passes: passes.map((pass) => [...pass]) };
  }

  it('is read in parts between the tokens of others, the earlier one first, and gets the same answer', async () => {
    const parts = await interrupted(64);
    const whole = await interrupted(512);
    expect(parts.ids).toEqual(whole.ids);
    // The first pass has no answer to wait for it: it reads whole prompts, as far as it holds them.
    expect(parts.passes[0]!.length).toBe(512);
    const later = parts.passes.slice(1).map(({ length }) => length);
    expect(Math.max(...later)).toBeLessThanOrEqual(64 + 3);
    expect(later.filter((length) => length > 3).length).toBe(Math.ceil((parts.read - 512) / 64));
    expect(whole.passes[1]!.length).toBeGreaterThan(250);
  });
});
