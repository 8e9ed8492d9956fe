import {
  type AnswerCache,
  type EvalModel,
  type MtBench,
  type MtBenchSummary,
  type RatedQuestion,
  type Rater,
  runMtBench,
  summarizeRatings,
} from '@cogumi/evals';
import type { createProgress } from './show-progress.ts';

/** A model with its ratings and answers. */
export interface RatedModel {
  readonly name: string;
  readonly ratings: MtBenchSummary;
  readonly items: readonly RatedQuestion[];
  /** Answers that earlier runs had left in the store. */
  readonly cached: number;
  readonly seconds: number;
}

/** Puts MT-Bench to a model that is open. @throws As `runMtBench`. */
export async function rateModel(
  bench: MtBench,
  model: EvalModel,
  rater: Rater,
  {
    cache,
    progress,
    signal,
  }: {
    readonly cache: AnswerCache;
    readonly progress: ReturnType<typeof createProgress>;
    readonly signal: AbortSignal;
  },
): Promise<RatedModel> {
  const began = performance.now();
  const total = bench.questions.length * 2;
  const { items, cached } = await runMtBench(bench, model, rater, {
    ...{ cache, signal },
    onProgress: (done) => progress.show(`${model.name} mt_bench`, done, total),
    onRated: (done) => progress.show(`${rater.teacher} mt_bench, ratings`, done, total),
  });
  const seconds = (performance.now() - began) / 1000;
  return { name: model.name, ratings: summarizeRatings(items), items, cached, seconds };
}
