import {
  type MtBench,
  openAnswerCache,
  type Rater,
  runTask,
  type ScoredItem,
  summarizeTask,
  type Task,
  type TaskSummary,
} from '@cogumi/evals';
import type { EndpointOptions } from './open-endpoint.ts';
import { type OpenEvalModelOptions, openEvalModel } from './open-eval-model.ts';
import { type RatedModel, rateModel } from './rate-model.ts';
import { createProgress } from './show-progress.ts';

export interface AskModelOptions
  extends Pick<OpenEvalModelOptions, 'contextTokens' | 'sequences' | 'threads' | 'signal'>,
    EndpointOptions {
  readonly tasks: readonly Task[];
  /** MT-Bench with its judge; null: it is not asked. */
  readonly rated: { readonly bench: MtBench; readonly rater: Rater } | null;
}

/** A model with its scores and answers. */
export interface AskedModel {
  readonly name: string;
  readonly digest: string | null;
  /** Prompts that were longer than the context, in this run. */
  readonly cutPrompts: number;
  readonly tasks: readonly (TaskSummary & {
    readonly items: readonly ScoredItem[];
    /** Answers that earlier runs had left in the store. */
    readonly cached: number;
    readonly seconds: number;
  })[];
  /** null: MT-Bench was not asked. */
  readonly rated: RatedModel | null;
}

/** Puts tasks to a model, which is loaded for them and closed again. @throws As `openEvalModel`, `runTask`, `openAnswerCache`. */
export async function askModel(
  named: string | undefined,
  route: string | null,
  { tasks, rated, signal, ...options }: AskModelOptions,
): Promise<AskedModel> {
  let cutPrompts = 0;
  const cache = openAnswerCache(options.store);
  const progress = createProgress();
  try {
    const opened = await openEvalModel(named, {
      ...options,
      route,
      signal,
      endpoint: options,
      onCut: () => cutPrompts++,
    });
    const { model, digest } = opened;
    const asked = [];
    let ratings: RatedModel | null = null;
    try {
      for (const task of tasks) {
        const began = performance.now();
        const onProgress = (done: number) => progress.show(`${model.name} ${task.name}`, done, task.items.length);
        const onRun = (done: number, programs: number) =>
          progress.show(`${model.name} ${task.name}, programs`, done, programs);
        const { items, cached } = await runTask(task, model, { cache, signal, onProgress, onRun });
        const seconds = (performance.now() - began) / 1000;
        asked.push({ ...summarizeTask(task, items), items, cached, seconds });
      }
      if (rated) ratings = await rateModel(rated.bench, model, rated.rater, { cache, progress, signal });
    } finally {
      progress.end();
      await opened.close();
    }
    return { name: model.name, digest, cutPrompts, tasks: asked, rated: ratings };
  } finally {
    cache.close();
  }
}
