import type { DatabaseSync } from 'node:sqlite';
import type { Clock, Random } from '@cogumi/pure';
import { backoffMs, MOST_ATTEMPTS } from '@cogumi/pure';
import { type ChatReply, ProviderError } from '../provider.ts';
import { BudgetExceededError, type Ledger } from '../records/ledger.ts';
import type { Replies } from '../records/replies.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { costOfFailure, costOfReply, type Outcome, reservationOf, type TeacherRequest } from './teacher-request.ts';

/** Shortest wait that is reported as a warning (chosen). */
const LONG_WAIT_MS = 10_000;

/** What sending requests depends on. */
export interface DispatchContext {
  /** Reports long waits for a provider. */
  readonly onWarning: (message: string) => void;
  readonly database: DatabaseSync;
  readonly replies: Replies;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Sends requests to one provider, as many at a time as its rate limiter allows. Takes paid replies from the records and sends
 * equal requests once. Each attempt reserves its worst case before it is sent and settles its cost when it ends.
 *
 * @returns One outcome per request, in their order: the reply, or the error of a request that failed permanently.
 * @throws BudgetExceededError; ProviderError when the provider can answer no request (key, funds, model, outage); the reason of
 *   `signal`. Replies that arrived before are kept.
 */
export async function sendRequests(
  requests: readonly TeacherRequest[],
  limiter: RateLimiter,
  context: DispatchContext,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const queue = [...new Map(requests.map((each) => [each.key, each])).values()];
  // The first failure that affects all requests stops those that wait; requests in flight end by themselves and are kept.
  const stop = new AbortController();
  const signals = { sending: signal, waiting: AbortSignal.any([signal, stop.signal]) };
  let next = 0;
  const work = async () => {
    for (let one = queue[next++]; one; one = queue[next++]) {
      const known = one.endpoint.cacheReplies ? context.replies.find(one.key) : null;
      outcomes.set(one.key, known ?? (await sendRequest(one, limiter, context, signals)));
      onDone(outcomes.size);
    }
  };
  const workers = Array.from({ length: Math.min(limiter.concurrency, queue.length) }, () =>
    work().catch((cause) => {
      if (!stop.signal.aborted) stop.abort(cause);
    }),
  );
  await Promise.all(workers);
  signal.throwIfAborted();
  stop.signal.throwIfAborted();
  return requests.map(({ key }) => outcomes.get(key) as Outcome);
}

interface Signals {
  /** Aborts a request in flight. */
  readonly sending: AbortSignal;
  /** Aborts the wait before a request is sent. */
  readonly waiting: AbortSignal;
}

async function sendRequest(
  request: TeacherRequest,
  limiter: RateLimiter,
  context: DispatchContext,
  signals: Signals,
): Promise<Outcome> {
  const { endpoint } = request;
  for (let attempt = 1; ; attempt++) {
    const failure = await tryOnce(request, limiter, context, signals);
    if (!(failure instanceof ProviderError)) return failure;
    if (affectsAllRequests(failure)) throw failure;
    if (!failure.retryable || attempt === MOST_ATTEMPTS) return failure;
    const wait = backoffMs(attempt, failure.retryAfterMs, context.random.next());
    warnOfWait(context, endpoint.teacher, wait, failure);
    await context.clock.sleep(wait, signals.waiting);
  }
}

async function tryOnce(
  request: TeacherRequest,
  limiter: RateLimiter,
  context: DispatchContext,
  { sending, waiting }: Signals,
): Promise<Outcome> {
  const { endpoint, call } = request;
  await limiter.acquire(Math.ceil(promptBytes(request) / 4) + call.maxTokens, waiting);
  try {
    const id = await reserve(request, context.ledger, waiting);
    let reply: ChatReply;
    try {
      reply = await endpoint.provider.chat(call, sending, (limits) => limiter.updateLimits(limits));
    } catch (cause) {
      if (sending.aborted || !(cause instanceof ProviderError)) {
        // Aborted, or a bug here: the provider may have run the model.
        context.ledger.failed(id, null);
        throw cause;
      }
      context.ledger.failed(id, costOfFailure(cause));
      limiter.failed(cause);
      return cause;
    }
    context.ledger.answered(id, reply, costOfReply(endpoint, reply, 1), endpoint.cacheReplies);
    limiter.succeeded();
    return reply;
  } finally {
    limiter.release();
  }
}

/** Reserves the worst case. Other requests may release money when they end: the budget is exceeded only when none is in flight. */
async function reserve(request: TeacherRequest, ledger: Ledger, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return ledger.reserve([reservationOf(request, 1)])[0] as number;
    } catch (cause) {
      if (!(cause instanceof BudgetExceededError) || !(await ledger.nextSettled())) throw cause;
    }
  }
}

/** Reports a long wait with its reason. */
export function warnOfWait(context: DispatchContext, teacher: string, waitMs: number, failure: ProviderError): void {
  if (waitMs >= LONG_WAIT_MS)
    context.onWarning(`${teacher}: retry in ${Math.round(waitMs / 1000)} s after ${failure.message}`);
}

/** Longest wait that a provider may request (chosen); for a longer one the build stops, and the next run continues. */
const LONGEST_RETRY_AFTER_MS = 900_000;

/** Whether every other request to this provider would fail too. */
function affectsAllRequests({ kind, retryAfterMs }: ProviderError): boolean {
  if (retryAfterMs !== null && retryAfterMs > LONGEST_RETRY_AFTER_MS) return true;
  return kind === 'unauthorized' || kind === 'model-not-found' || kind === 'no-funds';
}

function promptBytes({ call }: TeacherRequest): number {
  return call.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}
