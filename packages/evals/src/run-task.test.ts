import { describe, expect, it } from 'vitest';
import { openAnswerCache } from './cache/answer-cache.ts';
import type { EvalModel } from './models/eval-model.ts';
import { summarizeTask } from './report/summarize-task.ts';
import { runTask } from './run-task.ts';
import { gsm8k } from './tasks/gsm8k.ts';

const rows = Array.from({ length: 10 }, (_, at) => ({ question: `${at} + 1?`, answer: `#### ${at + 1}` }));
const task = gsm8k({ path: 'test.jsonl', rows }, { path: 'train.jsonl', rows: [] }, { shots: 0 });
const { signal } = new AbortController();

/** A model that adds, except seven and one, and notes what it was asked. */
function adder(digest: string, asked: string[], failAfter = Infinity): EvalModel {
  return {
    name: 'adder',
    identity: { digest },
    together: 3,
    async generate(requests) {
      if (asked.length >= failAfter) throw new Error('the model died');
      asked.push(...requests.map(({ prompt }) => prompt));
      return requests.map(({ prompt }) => {
        const first = Number(/(\d+) \+/.exec(prompt)?.[1]);
        return first === 7 ? '#### 9' : ` It is #### ${first + 1}`;
      });
    },
    chat: () => Promise.reject(new Error('not asked')),
    logLikelihoods: () => Promise.reject(new Error('not asked')),
  };
}

describe('runTask', () => {
  it('asks each item once, in parts, and scores the answers', async () => {
    const asked: string[] = [];
    const seen: number[] = [];
    const { items, cached } = await runTask(task, adder('a', asked), {
      ...{ cache: openAnswerCache(null), signal },
      onProgress: (done) => seen.push(done),
    });
    expect({ cached, seen, asked: asked.length }).toEqual({ cached: 0, seen: [0, 3, 6, 9, 10], asked: 10 });
    expect(items[7]).toEqual({
      id: 'gsm8k-7',
      group: null,
      reply: '#### 9',
      scores: { 'strict-match': 0, 'flexible-extract': 0 },
    });
    const [strict] = summarizeTask(task, items).scores;
    expect(strict).toMatchObject({
      metric: 'exact_match,strict-match',
      items: 10,
      right: 9,
      value: 0.9,
    });
    expect(strict?.standardError).toBeCloseTo(0.1, 12);
    expect(strict?.interval[0]).toBeCloseTo(0.5958, 3);
  });

  it('goes on after a death where it stopped, and asks another model everything', async () => {
    const cache = openAnswerCache(null);
    const asked: string[] = [];
    await expect(runTask(task, adder('a', asked, 6), { cache, signal })).rejects.toThrow('the model died');
    expect(asked).toHaveLength(6);
    expect((await runTask(task, adder('a', asked), { cache, signal })).cached).toBe(6);
    expect(asked).toHaveLength(10);
    expect(new Set(asked).size).toBe(10);
    expect((await runTask(task, adder('a', asked), { cache, signal })).cached).toBe(10);
    expect((await runTask(task, adder('b', asked), { cache, signal })).cached).toBe(0);
  });

  it('ends at once when it is stopped', async () => {
    const options = { cache: openAnswerCache(null), signal: AbortSignal.abort() };
    await expect(runTask(task, adder('a', []), options)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
  });

  it('was stopped, not broken, where the model died of the signal', async () => {
    const stop = new AbortController();
    const dying: EvalModel = {
      ...adder('a', []),
      generate: () => {
        stop.abort();
        return Promise.reject(new Error('the model died'));
      },
    };
    const running = runTask(task, dying, { cache: openAnswerCache(null), signal: stop.signal });
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});
