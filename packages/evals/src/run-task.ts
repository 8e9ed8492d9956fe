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
  const replies = new Map<string, Reply>();
  for (const key of keys) {
    const known = cache.find(key);
    if (known !== null) replies.set(key, known);
  }
  const cached = keys.filter((key) => replies.has(key)).length;
  const done = () => onProgress(keys.filter((key) => replies.has(key)).length);
  done();

  // Equal requests are asked once.
  const open = new Map(
    task.items.map((item, at) => [keys[at] as string, item] as const).filter(([key]) => !replies.has(key)),
  );
  for (const part of inParts([...open], model.together)) {
    signal.throwIfAborted();
    const fresh = await ask(model, part, signal).catch((error: unknown) => {
      // A model that was ended because of the signal says that it died.
      signal.throwIfAborted();
      throw error;
    });
    cache.keep(fresh);
    for (const [key, reply] of fresh) replies.set(key, reply);
    done();
  }
  const given = task.items.map((item, at) => ({ item, reply: replies.get(keys[at] as string) as Reply }));
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

async function ask(
  model: EvalModel,
  asked: readonly (readonly [key: string, item: Item])[],
  signal: AbortSignal,
): Promise<Map<string, Reply>> {
  const replies = new Map<string, Reply>();
  for (const [key, { request }] of asked) {
    if (request.kind === 'choose') replies.set(key, await model.logLikelihoods(request, signal));
  }
  const texts = asked.flatMap(([key, { request }]) => (request.kind === 'generate' ? [{ key, request }] : []));
  const answers =
    texts.length === 0
      ? []
      : await model.generate(
          texts.map(({ request }) => request),
          signal,
        );
  for (const [at, { key }] of texts.entries()) replies.set(key, answers[at] as string);
  return replies;
}

function scoresOf(item: Exclude<Item, CodeItem>, reply: Reply): Scores {
  // The type of a reply follows from the request.
  return item.request.kind === 'generate'
    ? (item as { score(answer: string): Scores }).score(reply as string)
    : (item as { score(logLikelihoods: readonly number[]): Scores }).score(reply as readonly number[]);
}

function inParts<Entry>(entries: readonly Entry[], length: number): Entry[][] {
  return Array.from({ length: Math.ceil(entries.length / length) }, (_, part) =>
    entries.slice(part * length, (part + 1) * length),
  );
}
