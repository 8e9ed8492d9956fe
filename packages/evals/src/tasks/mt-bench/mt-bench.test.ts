import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedData } from '@cogumi/pure/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAnswerCache } from '../../cache/answer-cache.ts';
import type { EvalModel } from '../../models/eval-model.ts';
import type { ChatRequest } from '../task.ts';
import { loadMtBench, type MtBench } from './mt-bench.ts';
import { type RatedQuestion, runMtBench } from './run-mt-bench.ts';
import { compareRatings, summarizeRatings } from './summarize-ratings.ts';

const { signal } = new AbortController();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mt-bench-'));
  // As FastChat has them.
  mkdirSync(join(folder, 'mt_bench/reference_answer'), { recursive: true });
  cpSync(sharedData('mt_bench/question.jsonl'), join(folder, 'mt_bench/question.jsonl'));
  cpSync(sharedData('mt_bench/judge_prompts.jsonl'), join(folder, 'judge_prompts.jsonl'));
  cpSync(sharedData('mt_bench/reference_answer_gpt4.jsonl'), join(folder, 'mt_bench/reference_answer/gpt-4.jsonl'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadMtBench', () => {
  it('reads the published questions, with FastChat’s temperatures and reference answers by category', async () => {
    const { questions } = await loadMtBench(folder);
    expect(questions).toHaveLength(80);
    const byCategory = Map.groupBy(questions, ({ category }) => category);
    const of = (category: string) => byCategory.get(category) ?? [];
    expect([...byCategory.values()].map(({ length }) => length)).toEqual(Array(8).fill(10));
    expect(of('writing')[0]).toMatchObject({ id: 'mt_bench-81', references: null, sampling: { temperature: 0.7 } });
    expect(of('stem')[0]?.sampling?.temperature).toBe(0.1);
    for (const category of ['math', 'reasoning', 'coding']) {
      expect(of(category).every(({ references, sampling }) => references?.length === 2 && sampling === null)).toBe(
        true,
      );
    }
    expect((await loadMtBench(sharedData('mt_bench'))).questions).toEqual(questions);
  });

  it('refuses a folder without the prompts of a judge', async () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    writeFileSync(join(bare, 'question.jsonl'), '{"question_id":1,"category":"math","turns":["a","b"]}\n');
    await expect(loadMtBench(bare)).rejects.toMatchObject({ code: 'EVAL_DATA' });
    writeFileSync(join(bare, 'question.jsonl'), '{"question_id":1,"category":"math","turns":["a"]}\n');
    await expect(loadMtBench(bare)).rejects.toMatchObject({ code: 'EVAL_ROW' });
  });
});

describe('runMtBench', () => {
  const model = (asked: ChatRequest[]): EvalModel => ({
    ...{ name: 'echo', identity: { digest: 'x' }, together: 3 },
    generate: () => Promise.reject(new Error('not asked')),
    logLikelihoods: () => Promise.reject(new Error('not asked')),
    async chat(requests) {
      asked.push(...requests);
      return requests.map(({ messages }) => `answer ${messages.length} to ${messages.at(-1)?.content}`);
    },
  });
  const firstOf = async (limit: number): Promise<MtBench> => loadMtBench(folder, limit);

  it('asks the second turn with the answer to the first, and nothing twice', async () => {
    const cache = openAnswerCache(null);
    const asked: ChatRequest[] = [];
    const seen: number[] = [];
    const judged: string[] = [];
    const rater = {
      teacher: 'vllm:judge',
      pool: {
        async complete(_: string, calls: readonly { messages: readonly { content: string }[] }[]) {
          judged.push(...calls.map(({ messages }) => messages.at(-1)?.content ?? ''));
          return calls.map((_, at) => (at === 3 ? 'I refuse.' : at === 2 ? null : `Rating: [[${at + 1}]]`));
        },
      },
    };
    const bench = await firstOf(4);
    const run = () => runMtBench(bench, model(asked), rater, { cache, signal, onProgress: (done) => seen.push(done) });
    const { items, cached } = await run();
    expect({ cached, asked: asked.length, seen }).toEqual({ cached: 0, asked: 8, seen: [0, 3, 4, 4, 7, 8] });
    const [first, second] = bench.questions[0]?.turns ?? [];
    expect(asked[4]?.messages).toEqual([
      { role: 'user', content: first },
      { role: 'assistant', content: `answer 1 to ${first}` },
      { role: 'user', content: second },
    ]);
    expect(asked[0]).toMatchObject({ maxTokens: 1024, sampling: { temperature: 0.7, topP: 1 } });
    expect(judged[1]).toContain(`### Assistant A:\nanswer 3 to ${second}`);
    expect(items.map(({ ratings }) => ratings)).toEqual([
      [1, 2],
      [null, null],
      [5, 6],
      [7, 8],
    ]);
    expect(items[1]?.verdicts).toEqual([null, 'I refuse.']);
    expect((await run()).cached).toBe(8);
    expect(asked).toHaveLength(8);
  });
});

describe('summarizeRatings', () => {
  const rated = (group: string, id: string, ...ratings: (number | null)[]): RatedQuestion => ({
    ...{ id, group, ratings, answers: [], verdicts: [] },
  });
  const items = [rated('math', '1', 10, 6), rated('math', '2', 8, null), rated('stem', '3', null, null)];

  it('takes the mean of all ratings, and counts those that are missing', () => {
    const { groups, interval, ...all } = summarizeRatings(items);
    expect(all).toEqual({ questions: 3, mean: 8, turns: [9, 6], unrated: 3 });
    expect(groups.math).toMatchObject({ questions: 2, mean: 8, unrated: 1 });
    expect(groups.stem).toEqual({ questions: 1, mean: null, interval: null, turns: [null, null], unrated: 2 });
    // Both questions have 8 on average.
    expect(interval).toEqual([8, 8]);
  });

  it('compares two models by the same questions', () => {
    const better = (by: number) =>
      Array.from({ length: 12 }, (_, at) => rated('math', String(at), 4 + by + (at % 3), 5 + by));
    const base = better(0).map((item, at) => ({ ...item, ratings: [4 + (at % 3) - (at % 2), 5] }));
    expect(compareRatings(better(2), base)).toMatchObject({ questions: 12, verdict: 'better' });
    expect(compareRatings(base, better(2)).verdict).toBe('worse');
    expect(compareRatings(base, base)).toMatchObject({ mean: 0, verdict: 'undecided' });
    expect(compareRatings(items.slice(2), items.slice(2))).toMatchObject({ questions: 0, verdict: 'undecided' });
  });
});
