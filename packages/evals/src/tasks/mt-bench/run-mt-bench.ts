import type { Message, Teacher } from '@cogumi/contracts';
import type { TeacherPool } from '@cogumi/teachers';
import { ratingCall, readRating } from '@cogumi/teachers/judging';
import { askOpen } from '../../ask-open.ts';
import { type AnswerCache, keyOf } from '../../cache/answer-cache.ts';
import type { EvalModel } from '../../models/eval-model.ts';
import type { ChatRequest } from '../task.ts';
import { MAX_ANSWER_TOKENS, type MtBench, type MtBenchQuestion } from './mt-bench.ts';

/** Who rates the answers. The pool keeps the budget, and the replies that were paid for. */
export interface Rater {
  readonly teacher: Teacher;
  readonly pool: Pick<TeacherPool, 'complete'>;
}

/** A question with the answers of a model, and what the judge said of each. */
export interface RatedQuestion {
  readonly id: string;
  readonly group: string;
  readonly answers: readonly string[];
  /** 1..10, by turn; null: the judge's reply has no rating. */
  readonly ratings: readonly (number | null)[];
  /** The judge's replies; null: there was none. */
  readonly verdicts: readonly (string | null)[];
}

export interface RunMtBenchOptions {
  readonly cache: AnswerCache;
  readonly signal: AbortSignal;
  /** @param done - Answers of the model, two for each question. */
  readonly onProgress?: (done: number) => void;
  /** @param done - Replies of the judge, two for each question. */
  readonly onRated?: (done: number) => void;
}

/**
 * Puts MT-Bench to a model, and its answers to a judge. Answers are kept as those of other tasks are, replies of the judge by its pool: a run
 * that was stopped goes on where it stopped.
 *
 * @returns The questions in their order, and how many answers came from the cache.
 * @throws As the model does; BudgetExceededError, ProviderError of the judge; the signal's reason.
 */
export async function runMtBench(
  { questions, prompts }: MtBench,
  model: EvalModel,
  { teacher, pool }: Rater,
  { cache, signal, onProgress = () => {}, onRated = () => {} }: RunMtBenchOptions,
): Promise<{ items: RatedQuestion[]; cached: number }> {
  const answers: string[][] = questions.map(() => []);
  let cached = 0;
  for (const turn of [0, 1]) {
    const requests = questions.map((question, at) => requestOf(question, answers[at] as string[]));
    const before = turn * questions.length;
    const keys = requests.map((request) => keyOf(model, { request }));
    const found = await askOpen(keys, requests, {
      ...{ cache, signal, together: model.together },
      ask: (part) => model.chat(part, signal),
      onProgress: (done) => onProgress(before + done),
    });
    for (const [at, text] of found.replies.entries()) answers[at]?.push(text as string);
    cached += found.cached;
  }
  const calls = questions.flatMap(({ turns, references }, at) =>
    turns.map((_, turn) =>
      ratingCall(prompts, { turns, references, answers: (answers[at] as string[]).slice(0, turn + 1) }),
    ),
  );
  const context = { stage: 'eval', tier: null, batchable: false, signal, onProgress: onRated };
  const replies = await pool.complete(teacher, calls, context);
  const items = questions.map(({ id, category, turns }, at): RatedQuestion => {
    const verdicts = turns.map((_, turn) => replies[at * turns.length + turn] ?? null);
    return { id, group: category, answers: answers[at] as string[], ratings: verdicts.map(readRating), verdicts };
  });
  return { items, cached };
}

/** The next turn of a dialogue, with what was said before. */
function requestOf({ turns, sampling }: MtBenchQuestion, answered: readonly string[]): ChatRequest {
  const before = answered.flatMap((answer, turn): Message[] => [
    { role: 'user', content: turns[turn] as string },
    { role: 'assistant', content: answer },
  ]);
  const asked = { role: 'user' as const, content: turns[answered.length] as string };
  return {
    kind: 'chat',
    messages: [...before, asked],
    maxTokens: MAX_ANSWER_TOKENS,
    ...(sampling === null ? {} : { sampling }),
  };
}
