import { setImmediate } from 'node:timers/promises';
import type { Question, Teacher } from '@cogumi/contracts';
import { createJudge } from './checkers/judge.ts';
import { RateLimiter } from './dispatch/rate-limiter.ts';
import { runBatches } from './dispatch/run-batches.ts';
import { type DispatchContext, sendRequests } from './dispatch/send-requests.ts';
import { createRequest, type Outcome, type TeacherEndpoint, type TeacherRequest } from './dispatch/teacher-request.ts';
import { judgeExtracted } from './extraction/judge-extracted.ts';
import type { TeacherEndpoints } from './find-endpoints.ts';
import type { TeachersOptions } from './options.ts';
import { drawQuestions } from './procedural/make-questions.ts';
import { parseReply } from './procedural/reply.ts';
import { answerPrompt } from './prompts/answer-prompt.ts';
import { type ChatCall, ProviderError } from './provider.ts';
import { scoreAnswers } from './score-texts.ts';
import type { Reply, RequestContext, TeacherPool } from './teacher-pool.ts';

/** Questions generated between two checks of the signal: a tenth of a second (chosen). */
const QUESTIONS_PER_TURN = 200;

/** How often a question is asked in total while the reply breaks the required format (chosen). */
const MAX_FORMAT_ATTEMPTS = 3;

/** Smallest number of requests for which half the price is worth the wait (chosen). */
const MIN_BATCH_REQUESTS = 10;

export interface TeacherPoolContext {
  readonly endpoints: TeacherEndpoints;
  readonly context: DispatchContext;
  readonly recipe: string;
  /** Which requests go to batch APIs. */
  readonly batch: TeachersOptions['batch'];
}

/** The teachers and judges of a build. Reserves the worst-case cost of every request in the ledger before it sends it. */
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

  const send = async (
    requests: readonly TeacherRequest[],
    requestContext: RequestContext,
  ): Promise<readonly Outcome[]> => {
    const endpoint = requests[0]?.endpoint;
    if (!endpoint) return [];
    const { context, recipe } = poolContext;
    const { signal, onProgress } = requestContext;
    const worthIt =
      poolContext.batch === 'always' || (requestContext.batchable && requests.length >= MIN_BATCH_REQUESTS);
    if (endpoint.provider.batches && poolContext.batch !== 'never' && worthIt) {
      return throwOnOutage(await runBatches(requests, recipe, context, signal, (done) => onProgress?.(done)));
    }
    return throwOnOutage(
      await sendRequests(requests, limiterOf(endpoint), context, signal, (done) => onProgress?.(done)),
    );
  };

  const complete = (
    teacher: Teacher,
    calls: readonly Omit<ChatCall, 'model'>[],
    requestContext: RequestContext,
    attempt: number,
  ): Promise<readonly Outcome[]> => {
    const endpoint = poolContext.endpoints.of(teacher);
    const { stage, tier } = requestContext;
    return send(
      calls.map((call) => createRequest(endpoint, call, { stage, tier, attempt })),
      requestContext,
    );
  };

  const teacherPool: TeacherPool = {
    async makeQuestions(request, signal, onMade) {
      const made: Question[] = [];
      for (const question of drawQuestions(request)) {
        if (made.length % QUESTIONS_PER_TURN === 0) {
          // Lets signal handlers and progress reports run.
          await setImmediate();
          signal.throwIfAborted();
          onMade?.(made.length);
        }
        made.push(question);
      }
      return made;
    },
    async ask(teacher, questions, requestContext) {
      const sample = requestContext.sample ?? 0;
      const replies: Reply[] = [];
      let open = [...questions.keys()];
      for (let attempt = 0; attempt < MAX_FORMAT_ATTEMPTS && open.length > 0; attempt++) {
        const calls = open.map((at) => answerPrompt(questions[at] as Question, sample + attempt > 0));
        const outcomes = await complete(teacher, calls, requestContext, sample * MAX_FORMAT_ATTEMPTS + attempt);
        for (const [number, at] of open.entries()) {
          replies[at] = toReply(teacher, questions[at] as Question, outcomes[number] as Outcome);
        }
        // An error was retried already; a reply with a broken format may be correct the next time.
        open = open.filter(
          (at, number) => replies[at]?.answer === null && !(outcomes[number] instanceof ProviderError),
        );
      }
      return replies;
    },
    async complete(teacher, calls, requestContext) {
      const outcomes = await complete(teacher, calls, requestContext, requestContext.sample ?? 0);
      return outcomes.map((outcome) => (outcome instanceof ProviderError ? null : outcome.text));
    },
    judge: (items, requestContext) =>
      judge.judge(items, (teacher, scored) =>
        scoreAnswers(teacherPool, teacher, scored, { ...requestContext, tier: null }),
      ),
    judgeModel: (items, requestContext) => judgeExtracted(items, (own) => teacherPool.judge(own, requestContext)),
  };
  return { ...teacherPool, close: () => judge.close() };
}

/** Failures of the provider, which no request caused. */
const OUTAGE_KINDS: readonly ProviderError['kind'][] = ['rate-limited', 'overloaded', 'unreachable', 'timeout'];

/** Share of requests that may fail because of their content (chosen); a larger share points to the provider. */
const MAX_LOST_SHARE = 0.01;

/**
 * Stops the work when the provider has an outage, so that the outage does not become a stored result: a later run continues.
 *
 * @throws ProviderError the first of the failures.
 */
function throwOnOutage(outcomes: readonly Outcome[]): readonly Outcome[] {
  const retryable = outcomes.filter((outcome) => outcome instanceof ProviderError).filter((error) => error.retryable);
  const outage = retryable.find(({ kind }) => OUTAGE_KINDS.includes(kind));
  if (outage) throw outage;
  if (retryable.length > Math.max(1, outcomes.length * MAX_LOST_SHARE)) throw retryable[0];
  return outcomes;
}

function toReply(teacher: string, question: Question, outcome: Outcome): Reply {
  const unusable = (reason: string): Reply => ({ teacher, answer: null, reasoning: null, reason });
  if (outcome instanceof ProviderError) return unusable(outcome.message);
  if (outcome.finish === 'length') return unusable('the reply was truncated at its token limit');
  if (outcome.finish === 'filtered') return unusable('the provider refused to answer');
  const parsed = parseReply(outcome.text, question.difficulty === 'hard');
  return parsed ? { teacher, ...parsed, reason: '' } : unusable('the reply does not have the required format');
}
