import { askOpen } from './ask-open.ts';
import { type AnswerCache, keyOf, type Reply } from './cache/answer-cache.ts';
import type { EvalModel } from './models/eval-model.ts';
import { runPrograms } from './scoring/run-programs.ts';
import type { CodeItem, Item, Scores, Task } from './tasks/task.ts';

/** An item with what the model answered. */
export interface ScoredItem {
  readonly id: string;
  readonly group: string | null;
  readonly reply: Reply;
  readonly scores: Scores;
}

export interface RunTaskOptions {
  readonly cache: AnswerCache;
  readonly signal: AbortSignal;
  /** @param done - Items with an answer. */
  readonly onProgress?: (done: number) => void;
  /** Of a task whose answers are programs. @param done - Programs that were run. */
  readonly onRun?: (done: number, programs: number) => void;
}

/**
 * Puts a task to a model. Answers that the cache has are not asked for again, and each new one is kept as soon as it is there: a run
 * that was stopped goes on where it stopped.
 *
 * @returns The items in the order of the task, and how many answers came from the cache.
 * @throws As the model does; the signal's reason.
 */
export async function runTask(
  task: Task,
  model: EvalModel,
  { cache, signal, onProgress = () => {}, onRun = () => {} }: RunTaskOptions,
): Promise<{ items: ScoredItem[]; cached: number }> {
  const keys = task.items.map((item) => keyOf(model, item));
  const requests = task.items.map(({ request }) => request);
  const { replies, cached } = await askOpen(keys, requests, {
    ...{ cache, signal, onProgress, together: model.together },
    ask: (part) => ask(model, part, signal),
  });
  const given = task.items.map((item, at) => ({ item, reply: replies[at] as Reply }));
  return { items: await scoreAll(given, { cache, signal, onRun }), cached };
}

async function scoreAll(
  given: readonly { readonly item: Item; readonly reply: Reply }[],
  { onRun, ...options }: Required<Pick<RunTaskOptions, 'cache' | 'signal' | 'onRun'>>,
): Promise<ScoredItem[]> {
  const isCode = (item: Item): item is CodeItem => 'program' in item;
  const programs = given.flatMap(({ item, reply }) => (isCode(item) ? [item.program(reply as string)] : []));
  const passed =
    programs.length === 0
      ? []
      : await runPrograms(programs, { ...options, onProgress: (done) => onRun(done, programs.length) });
  return given.map(({ item, reply }) => {
    const { id, group } = item;
    const scores = isCode(item) ? { 'pass@1': Number(passed.shift()) } : scoresOf(item, reply);
    return { id, group, reply, scores };
  });
}

async function ask(model: EvalModel, asked: readonly Item['request'][], signal: AbortSignal): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const [at, request] of asked.entries()) {
    if (request.kind === 'choose') replies[at] = await model.logLikelihoods(request, signal);
  }
  const texts = asked.flatMap((request, at) => (request.kind === 'generate' ? [{ at, request }] : []));
  const answers =
    texts.length === 0
      ? []
      : await model.generate(
          texts.map(({ request }) => request),
          signal,
        );
  for (const [place, { at }] of texts.entries()) replies[at] = answers[place] as string;
  return replies;
}

function scoresOf(item: Exclude<Item, CodeItem>, reply: Reply): Scores {
  // The type of a reply follows from the request.
  return item.request.kind === 'generate'
    ? (item as { score(answer: string): Scores }).score(reply as string)
    : (item as { score(logLikelihoods: readonly number[]): Scores }).score(reply as readonly number[]);
}
