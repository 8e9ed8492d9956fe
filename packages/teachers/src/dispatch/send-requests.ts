import type { DatabaseSync } from 'node:sqlite';
import type { Clock, Random } from '@cogumi/pure';
import { backoffMs, MOST_ATTEMPTS } from '@cogumi/pure';
import { type ChatReply, ProviderError } from '../provider.ts';
import { BudgetExceededError, type Ledger } from '../records/ledger.ts';
import type { Replies } from '../records/replies.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { costOfFailure, costOfReply, type Outcome, reservationOf, type TeacherRequest } from './teacher-request.ts';

/** Waits from which on somebody who watches wants to know why (chosen). */
const LONG_WAIT_MS = 10_000;

/** What sending needs. */
export interface DispatchContext {
  /** Tells of trouble that is being waited out. */
  readonly onWarning: (message: string) => void;
  readonly database: DatabaseSync;
  readonly replies: Replies;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Has requests to one provider answered, as many at a time as its rate limiter allows. Replies that were bought before are taken from
 * the records; equal requests are asked once. Each attempt is reserved before it leaves and settled when it is over.
 *
 * @returns One outcome a request, in their order; a request that fails for good has its error there.
 * @throws BudgetExceededError; ProviderError when nothing more can be had from this provider (key, funds, model, outage);
 *   what `signal` carries. Replies that are here already are kept.
 */
export async function sendRequests(
  asked: readonly TeacherRequest[],
  limiter: RateLimiter,
  context: DispatchContext,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const queue = [...new Map(asked.map((each) => [each.key, each])).values()];
  // The first failure that concerns all of them stops those that wait; what is under way ends by itself and is kept.
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
  return asked.map(({ key }) => outcomes.get(key) as Outcome);
}

interface Signals {
  /** Ends a request that is under way. */
  readonly sending: AbortSignal;
  /** Ends the waiting for one to leave. */
  readonly waiting: AbortSignal;
}

async function sendRequest(
  asked: TeacherRequest,
  limiter: RateLimiter,
  context: DispatchContext,
  signals: Signals,
): Promise<Outcome> {
  const { endpoint } = asked;
  for (let attempt = 1; ; attempt++) {
    const failure = await tryOnce(asked, limiter, context, signals);
    if (!(failure instanceof ProviderError)) return failure;
    if (concernsAll(failure)) throw failure;
    if (!failure.retryable || attempt === MOST_ATTEMPTS) return failure;
    const wait = backoffMs(attempt, failure.retryAfterMs, context.random.next());
    warnOfWait(context, endpoint.teacher, wait, failure);
    await context.clock.sleep(wait, signals.waiting);
  }
}

async function tryOnce(
  asked: TeacherRequest,
  limiter: RateLimiter,
  context: DispatchContext,
  { sending, waiting }: Signals,
): Promise<Outcome> {
  const { endpoint, call } = asked;
  await limiter.enter(Math.ceil(promptBytes(asked) / 4) + call.maxTokens, waiting);
  try {
    const id = await reserve(asked, context.ledger, waiting);
    let reply: ChatReply;
    try {
      reply = await endpoint.provider.chat(call, sending, (limits) => limiter.limit(limits));
    } catch (cause) {
      if (sending.aborted || !(cause instanceof ProviderError)) {
        // Interrupted, or a fault of ours: nobody knows what the provider has done by then.
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
    limiter.leave();
  }
}

/** What others have reserved may come free: only when nothing is under way is the budget really spent. */
async function reserve(asked: TeacherRequest, ledger: Ledger, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return ledger.reserve([reservationOf(asked, 1)])[0] as number;
    } catch (cause) {
      if (!(cause instanceof BudgetExceededError) || !(await ledger.nextSettled())) throw cause;
    }
  }
}

/** Says why nothing happens for a while. */
export function warnOfWait(context: DispatchContext, teacher: string, waitMs: number, failure: ProviderError): void {
  if (waitMs >= LONG_WAIT_MS)
    context.onWarning(`${teacher} is asked again in ${Math.round(waitMs / 1000)} s: ${failure.message}`);
}

/** Longest wait that a provider may ask for (chosen): who wants hours is asked again by the next run. */
const LONGEST_ASKED_MS = 900_000;

/** Whether no other request to this provider can fare better, now or for good. */
function concernsAll({ kind, retryAfterMs }: ProviderError): boolean {
  if (retryAfterMs !== null && retryAfterMs > LONGEST_ASKED_MS) return true;
  return kind === 'unauthorized' || kind === 'model-not-found' || kind === 'no-funds';
}

function promptBytes({ call }: TeacherRequest): number {
  return call.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}
