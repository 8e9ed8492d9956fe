import { setImmediate } from 'node:timers/promises';
import type { Question, Teacher } from '@cogumi/contracts';
import { askAll, type DispatchContext } from './dispatch/ask-all.ts';
import { type Asked, makeAsked, type Outcome, type TeacherEndpoint } from './dispatch/asked.ts';
import { RateLimiter } from './dispatch/rate-limiter.ts';
import { runBatches } from './dispatch/run-batches.ts';
import type { TeacherEndpoints } from './find-endpoints.ts';
import type { TeachersOptions } from './options.ts';
import { createJudge } from './procedural/judge.ts';
import { drawQuestions } from './procedural/make-questions.ts';
import { parseReply } from './procedural/reply.ts';
import { answerPrompt } from './prompts/answer-prompt.ts';
import { type ChatCall, ProviderError } from './provider.ts';
import type { Purpose, Reply, TeacherPool } from './teacher-pool.ts';

/** Questions drawn between two looks at the signal: a tenth of a second (chosen). */
const BREATH = 200;

/** How often a reply out of form is asked for in all (chosen). */
const MOST_FORM_ATTEMPTS = 3;

/** From how many requests on half the price is worth the wait (chosen). */
const LEAST_BATCH = 10;

export interface TeacherPoolContext {
  readonly endpoints: TeacherEndpoints;
  readonly context: DispatchContext;
  readonly recipe: string;
  /** Which requests go to batch APIs. */
  readonly batch: TeachersOptions['batch'];
}

/** The teachers and judges of a build, every request reserved in the ledger before it is made. */
export function createTeacherPool(poolContext: TeacherPoolContext): TeacherPool & { close(): Promise<void> } {
  const judge = createJudge();
  const limiters = new Map<string, RateLimiter>();
  const limiterOf = ({ provider }: TeacherEndpoint): RateLimiter => {
    const limiter = limiters.get(provider.name);
    if (limiter) return limiter;
    const made = new RateLimiter(
      provider.name,
      poolContext.endpoints.concurrencyOf(provider.name),
      poolContext.context.clock,
    );
    limiters.set(provider.name, made);
    return made;
  };

  const send = async (asked: readonly Asked[], purpose: Purpose): Promise<readonly Outcome[]> => {
    const endpoint = asked[0]?.endpoint;
    if (!endpoint) return [];
    const { context, recipe } = poolContext;
    const { signal, onProgress } = purpose;
    const worthIt = poolContext.batch === 'always' || (purpose.batchable && asked.length >= LEAST_BATCH);
    if (endpoint.provider.batches && poolContext.batch !== 'never' && worthIt) {
      return refuseTrouble(await runBatches(asked, recipe, context, signal, (done) => onProgress?.(done)));
    }
    return refuseTrouble(await askAll(asked, limiterOf(endpoint), context, signal, (done) => onProgress?.(done)));
  };

  const complete = (
    teacher: Teacher,
    calls: readonly Omit<ChatCall, 'model'>[],
    purpose: Purpose,
    attempt: number,
  ): Promise<readonly Outcome[]> => {
    const endpoint = poolContext.endpoints.of(teacher);
    const { stage, tier } = purpose;
    return send(
      calls.map((call) => makeAsked(endpoint, call, { stage, tier, attempt })),
      purpose,
    );
  };

  return {
    async makeQuestions(wanted, signal, onMade) {
      const made: Question[] = [];
      for (const question of drawQuestions(wanted)) {
        if (made.length % BREATH === 0) {
          // Signals and progress get their turn.
          await setImmediate();
          signal.throwIfAborted();
          onMade?.(made.length);
        }
        made.push(question);
      }
      return made;
    },
    async ask(teacher, questions, purpose) {
      const sample = purpose.sample ?? 0;
      const replies: Reply[] = [];
      let open = [...questions.keys()];
      for (let attempt = 0; attempt < MOST_FORM_ATTEMPTS && open.length > 0; attempt++) {
        const calls = open.map((at) => answerPrompt(questions[at] as Question, sample + attempt > 0));
        const outcomes = await complete(teacher, calls, purpose, sample * MOST_FORM_ATTEMPTS + attempt);
        for (const [number, at] of open.entries()) {
          replies[at] = toReply(teacher, questions[at] as Question, outcomes[number] as Outcome);
        }
        // An error has been tried often enough; a form may be kept the next time.
        open = open.filter(
          (at, number) => replies[at]?.answer === null && !(outcomes[number] instanceof ProviderError),
        );
      }
      return replies;
    },
    async complete(teacher, calls, purpose) {
      const outcomes = await complete(teacher, calls, purpose, purpose.sample ?? 0);
      return outcomes.map((outcome) => (outcome instanceof ProviderError ? null : outcome.text));
    },
    judge: (items) => judge.judge(items),
    close: () => judge.close(),
  };
}

/** Failures that say something about the provider, and nothing about what was asked. */
const BUSY: readonly ProviderError['kind'][] = ['rate-limited', 'overloaded', 'unreachable', 'timeout'];

/** Share of requests that may fail for good by what they ask (chosen): more, and something is wrong with the provider. */
const MOST_LOST = 0.01;

/**
 * A provider in trouble is no answer: the work stops and goes on another day, or a bad hour would stand in the store as a result.
 *
 * @throws ProviderError the first of the failures.
 */
function refuseTrouble(outcomes: readonly Outcome[]): readonly Outcome[] {
  const retryable = outcomes.filter((outcome) => outcome instanceof ProviderError).filter((error) => error.retryable);
  const trouble = retryable.find(({ kind }) => BUSY.includes(kind));
  if (trouble) throw trouble;
  if (retryable.length > Math.max(1, outcomes.length * MOST_LOST)) throw retryable[0];
  return outcomes;
}

function toReply(teacher: string, question: Question, outcome: Outcome): Reply {
  const unusable = (reason: string): Reply => ({ teacher, answer: null, reasoning: null, reason });
  if (outcome instanceof ProviderError) return unusable(outcome.message);
  if (outcome.finish === 'length') return unusable('the reply was cut at its longest');
  if (outcome.finish === 'filtered') return unusable('the provider refused to answer');
  const parsed = parseReply(outcome.text, question.difficulty === 'hard');
  return parsed ? { teacher, ...parsed, reason: '' } : unusable('the reply does not keep the form asked for');
}
