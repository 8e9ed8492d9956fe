/**
 * MT-Bench against FastChat's published judgements: the same prompts for the judge, the same ratings read from GPT-4's replies, the same means.
 * `COGUMI_MT_BENCH` names a folder with FastChat's `mt_bench` (with `model_answer` and `model_judgment/gpt-4_single.jsonl`) and
 * `judge_prompts.jsonl`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMtBench, openAnswerCache, runMtBench, summarizeRatings } from '@cogumi/evals';
import { readRating } from '@cogumi/teachers/judging';
import { describe, expect, it } from 'vitest';

const data = process.env.COGUMI_MT_BENCH;

interface Judgement {
  readonly question_id: number;
  readonly model: string;
  readonly turn: 1 | 2;
  readonly user_prompt: string;
  readonly judgment: string;
  /** −1: there is no rating. */
  readonly score: number;
}

const lines = <Row>(path: string): Row[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('mt_bench', () => {
  it.skipIf(data === undefined)('asks the judge and reads its ratings as FastChat does', async () => {
    const bench = await loadMtBench(data as string);
    const folder = join(data as string, 'mt_bench');
    const judgements = lines<Judgement>(join(folder, 'model_judgment/gpt-4_single.jsonl'));
    const known = (score: number) => (score === -1 ? null : score);
    // A question may have been judged again.
    expect(judgements.filter(({ judgment, score }) => readRating(judgment) !== known(score))).toEqual([]);
    const answered = readdirSync(join(folder, 'model_answer')).map((name) => name.replace('.jsonl', ''));
    const models = [...new Set(judgements.map(({ model }) => model))].filter((model) => answered.includes(model));
    expect(models.length).toBeGreaterThan(0);
    for (const model of models) {
      type Answer = { question_id: number; choices: [{ turns: string[] }] };
      const answers = new Map(
        lines<Answer>(join(folder, 'model_answer', `${model}.jsonl`)).map((row) => [
          row.question_id,
          row.choices[0].turns,
        ]),
      );
      // The last one counts where a question was judged again.
      const own = new Map(
        judgements.filter((one) => one.model === model).map((one) => [`${one.question_id}-${one.turn}`, one]),
      );
      const turns = bench.questions.flatMap(({ id }) => [1, 2].map((turn) => `${id.replace('mt_bench-', '')}-${turn}`));
      const complete = turns.every((turn) => own.has(turn));
      expect(complete, model).toBe(true);
      const given = new Map(bench.questions.map(({ id, turns: [first] }) => [first, answers.get(Number(id.slice(9)))]));
      const prompts: string[] = [];
      const { items } = await runMtBench(
        bench,
        {
          ...{ name: model, identity: { model }, together: 80 },
          generate: () => Promise.reject(new Error('not asked')),
          logLikelihoods: () => Promise.reject(new Error('not asked')),
          chat: async (requests) =>
            requests.map(({ messages }) => {
              const turn = (messages.length - 1) / 2;
              return given.get(messages[0]?.content as string)?.[turn] as string;
            }),
        },
        {
          teacher: 'openai:gpt-4',
          pool: {
            async complete(_, calls) {
              prompts.push(...calls.map(({ messages }) => messages.at(-1)?.content as string));
              return turns.map((turn) => own.get(turn)?.judgment as string);
            },
          },
        },
        { cache: openAnswerCache(null), signal: new AbortController().signal },
      );
      const apart = turns.filter((turn, at) => own.get(turn)?.user_prompt !== prompts[at]);
      expect(apart, model).toEqual([]);
      const ratings = items.flatMap((item) => item.ratings);
      const scores = turns.map((turn) => own.get(turn)?.score ?? -1);
      expect(ratings, model).toEqual(scores.map(known));
      const rated = scores.filter((score) => score !== -1);
      const { mean, interval, unrated } = summarizeRatings(items);
      expect(mean).toBeCloseTo(rated.reduce((sum, score) => sum + score, 0) / rated.length, 12);
      console.log(
        `mt_bench, ${model}: ${prompts.length} prompts and ratings, 0 differences; ${mean?.toFixed(2)} (${interval?.map((end) => end.toFixed(2)).join(' to ')}), ${unrated} without a rating`,
      );
    }
  });
});
