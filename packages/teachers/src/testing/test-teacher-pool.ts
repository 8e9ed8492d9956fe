import type { Domain, Question, Teacher } from '@cogumi/contracts';
import { type Clock, realClock } from '@cogumi/pure';
import { type OpenTeacherPool, openTeacherPool } from '../open-teacher-pool.ts';
import { TeachersOptions } from '../options.ts';
import { answerAs } from '../procedural/answer.ts';
import { makeQuestions } from '../procedural/make-questions.ts';
import type { AnswerFunction } from './provider-server/ask-model.ts';

/** Error rates by model, 0..1. */
export type ErrorRates = Readonly<Record<string, number>>;

/** Questions of the procedural tasks, `count` of each difficulty in each domain. */
export function generateQuestions(domains: readonly Domain[], count: number, seed: string): Question[] {
  const counts = Object.fromEntries(domains.map((domain) => [domain, { easy: count, hard: count }]));
  return makeQuestions({ domains: counts, split: 'train', unseenShare: 0, seed });
}

/** Models behind a provider's API that know the answers to these questions, with the given error rates. */
export function answerFrom(questions: readonly Question[], errorRates: ErrorRates): AnswerFunction {
  const byText = new Map(questions.map((question) => [question.question, question]));
  return (messages, model) => {
    const question = byText.get(messages.at(-1)?.content ?? '');
    if (!question) return 'I do not know that question.';
    return answerAs({ teacher: `procedural:${model}`, errorRate: errorRates[model] ?? 0 }, question);
  };
}

/** A teacher pool whose providers `openai` and `anthropic` are a local provider server. */
export function openTestTeacherPool(
  url: string,
  teachers: readonly Teacher[],
  {
    store = null,
    budget = 100,
    clock = realClock,
    ...options
  }: { store?: string | null; budget?: number; clock?: Clock } & Partial<
    Pick<TeachersOptions, 'batch' | 'prices' | 'providers'>
  > = {},
): OpenTeacherPool {
  return openTeacherPool({
    store,
    recipe: 'test',
    run: 'test',
    budget,
    clock,
    seed: 1,
    teachers,
    options: TeachersOptions.parse(options),
    environment: {
      OPENAI_API_KEY: 'test-key',
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_API_KEY: 'test-key',
      ANTHROPIC_BASE_URL: url,
    },
  });
}

/** A clock on which every wait ends at once. */
export function fastClock(): Clock {
  let slept = 0;
  return {
    now: () => performance.now() + slept,
    date: () => Date.now() + slept,
    sleep: async (ms, signal) => {
      slept += ms;
      await new Promise(setImmediate);
      signal.throwIfAborted();
    },
  };
}
