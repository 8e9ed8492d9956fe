import { hash } from 'node:crypto';
import { backoffMs, GIVE_UP_AFTER_MS } from '@cogumi/pure';
import { type BatchApi, type BatchState, ProviderError } from '../provider.ts';
import {
  closeBatch,
  countBatches,
  markSent,
  nameBatch,
  type OpenBatch,
  openBatches,
} from '../records/batch-records.ts';
import { BudgetExceededError, type Reservation } from '../records/ledger.ts';
import { type DispatchContext, warnOfWait } from './send-requests.ts';
import {
  costOfFailure,
  costOfReply,
  type Outcome,
  reservationOf,
  type TeacherEndpoint,
  type TeacherRequest,
} from './teacher-request.ts';

/** Between two looks at a batch: at first, and at most (chosen; most batches take minutes to hours). */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 60_000;

/** How long a batch that was refused as a whole is kept back: at first, then twice as long each time (chosen). */
const REFUSED_MS = 30_000;

/** How long results can be fetched at the longest: OpenAI deletes them after 30 days, Anthropic after 29. */
const KEPT_MS = 30 * 86_400_000;

/** How often a request is handed in (chosen): each time a batch may run out or fail. */
const MOST_TRIES = 5;

/** Bytes that a line of a batch file has around the messages (chosen, above what either API needs). */
const AROUND_CALL = 1024;

/** What all steps of a batch job share. */
interface Job {
  readonly endpoint: TeacherEndpoint;
  readonly api: BatchApi;
  readonly recipe: string;
  readonly calls: ReadonlyMap<string, TeacherRequest>;
  readonly failures: Map<string, ProviderError>;
  /** How many requests of each open batch the provider has done. */
  readonly running: Map<string, number>;
  readonly context: DispatchContext;
  readonly signal: AbortSignal;
  readonly reportProgress: () => void;
}

/**
 * Has requests to one teacher answered by its batch API. What stands in a batch that an earlier run left open is waited for,
 * and only the rest is handed in: what expired, failed or got lost goes again, nothing is bought twice.
 *
 * @param asked - All to the same teacher, which has a batch API.
 * @param recipe - Whose batches they are.
 * @throws as `sendRequests`. A batch that is under way when the run ends goes on at the provider; the next run takes its results.
 */
export async function runBatches(
  asked: readonly TeacherRequest[],
  recipe: string,
  context: DispatchContext,
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<Outcome[]> {
  const endpoint = asked[0]?.endpoint;
  if (!endpoint) return [];
  const calls = new Map(asked.map((one) => [one.key, one]));
  const api = endpoint.provider.batches as BatchApi;
  const stop = new AbortController();
  let settled = 0;
  const running = new Map<string, number>();
  const job: Job = {
    ...{ endpoint, api, recipe, calls, failures: new Map(), running, context },
    signal: AbortSignal.any([signal, stop.signal]),
    reportProgress: () => onDone(settled + [...running.values()].reduce((sum, done) => sum + done, 0)),
  };
  const tries = new Map<string, number>();
  for (let refused = 0; ; ) {
    const waiting = new Set(
      openBatches(context.database, recipe, endpoint.teacher)
        .flatMap(({ requests }) => requests)
        .map(({ key }) => key),
    );
    const missing = [...calls.values()].filter(({ key }) => {
      const failure = job.failures.get(key);
      return !context.replies.has(key) && (!failure || failure.retryable) && (tries.get(key) ?? 0) < MOST_TRIES;
    });
    settled = calls.size - missing.length;
    job.reportProgress();
    if (missing.length === 0) break;
    const unasked = missing.filter(({ key }) => !waiting.has(key));
    for (const { key } of recordBatches(unasked, waiting.size > 0, job)) tries.set(key, (tries.get(key) ?? 0) + 1);
    // The first failure stops the others, and nobody goes on behind whoever closes the records.
    const ends = await Promise.allSettled(
      openBatches(context.database, recipe, endpoint.teacher).map((batch) =>
        finishBatch(batch, job).catch((cause) => {
          stop.abort(cause);
          throw cause;
        }),
      ),
    );
    signal.throwIfAborted();
    stop.signal.throwIfAborted();
    running.clear();
    // A batch that was refused as a whole would be refused again at once.
    if (ends.some((end) => end.status === 'fulfilled' && end.value === 'failed')) {
      await context.clock.sleep(REFUSED_MS * 2 ** refused++, signal);
    }
  }
  return asked.map(({ key }) => context.replies.find(key) ?? (job.failures.get(key) as ProviderError));
}

/**
 * Reserves as much as the budget allows and writes down what is to be handed in: from here on no kill can lose it.
 *
 * @param patient - Whether others are under way, whose end may bring money back.
 * @returns What was reserved.
 */
function recordBatches(
  missing: readonly TeacherRequest[],
  batchable: boolean,
  { endpoint, api, context }: Job,
): TeacherRequest[] {
  const orders = missing.map((asked) => ({ asked, reservation: reservationOf(asked, endpoint.price.batch) }));
  const [first] = orders;
  let noted = 0;
  for (let part = nextPart(orders, api, context); part.length > 0; part = nextPart(orders.slice(noted), api, context)) {
    const keys = part.map(({ asked }) => asked.key).join();
    const tag = hash('sha256', `${countBatches(context.database)} ${keys}`).slice(0, 24);
    const requests = part.map(({ reservation }) => reservation);
    context.ledger.reserve(requests, { tag, teacher: endpoint.teacher, since: context.clock.date() });
    noted += part.length;
  }
  if (noted === 0 && first && !batchable) {
    throw new BudgetExceededError(
      first.reservation.worst,
      context.ledger.left(),
      `The next request to ${endpoint.teacher}`,
    );
  }
  return missing.slice(0, noted);
}

interface Order {
  readonly asked: TeacherRequest;
  readonly reservation: Reservation;
}

/** As many of the first orders as fit into one batch, and into the budget. */
function nextPart(orders: readonly Order[], api: BatchApi, context: DispatchContext): Order[] {
  const part: Order[] = [];
  let bytes = 0;
  let left = context.ledger.left();
  for (const order of orders.slice(0, api.mostRequests)) {
    const { call } = order.asked;
    bytes += AROUND_CALL + Buffer.byteLength(JSON.stringify([call.messages, call.schema]));
    left -= order.reservation.worst;
    if (bytes > api.mostBytes || left < 0) break;
    part.push(order);
  }
  return part;
}

/** Sees a batch to its end, wherever it stands; answers how it ended, null when it was given up. */
async function finishBatch(batch: OpenBatch, job: Job): Promise<BatchState['status'] | null> {
  const name = batch.name ?? (await submitBatch(batch, job));
  if (name === null) return null;
  try {
    const { status, message } = await waitFor(batch.tag, name, job);
    await retryWhileRetryable(job, () => storeResults(batch, name, job));
    closeUnanswered(batch, status, message, job);
    return status;
  } catch (cause) {
    const gone = cause instanceof ProviderError && cause.kind === 'bad-request';
    // One that this very run handed in is there, whatever is said.
    if (!gone || batch.name === null || job.context.clock.date() - batch.since < KEPT_MS) throw cause;
    // Nobody came for it in time. It was paid for all the same.
    closeUnanswered(batch, 'expired', cause.message, job);
    return 'expired';
  }
}

async function waitFor(tag: string, name: string, job: Job): Promise<BatchState> {
  const { api, context, signal } = job;
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(LONGEST_POLL_MS, wait * 1.5)) {
    const state = await retryWhileRetryable(job, () => api.state(name, signal));
    job.running.set(tag, state.done);
    job.reportProgress();
    if (state.status !== 'running') return state;
    await context.clock.sleep(wait, signal);
  }
}

/** @returns The provider's name of the batch; null when there is nothing to hand in any more. */
async function submitBatch(batch: OpenBatch, job: Job): Promise<string | null> {
  const { api, calls, context, signal } = job;
  const lines = batch.requests.flatMap(({ key }) => {
    const one = calls.get(key);
    return one ? [{ id: nameOf(key), call: one.call }] : [];
  });
  let sent = batch.sent;
  let refused = false;
  try {
    const name = await retryWhileRetryable(job, async () => {
      // It may have been handed in by a process that did not live to hear its name, or by an attempt that timed out.
      const hints = { requests: batch.requests.length, since: batch.since };
      const known = sent ? await api.find(batch.tag, signal, hints) : null;
      // Of another state of the recipe, and never handed in: nobody waits for it.
      if (known !== null || lines.length < batch.requests.length) return known;
      const first = !sent;
      sent = true;
      markSent(context.database, batch.tag);
      return api.submit(lines, batch.tag, signal).catch((cause) => {
        refused = first && cause instanceof ProviderError && !cause.retryable;
        throw cause;
      });
    });
    if (name !== null) nameBatch(context.database, batch.tag, name);
    else drop(batch, job);
    return name;
  } catch (cause) {
    // Only what was refused at the first try is surely not there; all else is looked for by the next run.
    if (refused) drop(batch, job);
    throw cause;
  }
}

function drop({ tag, requests }: OpenBatch, { context }: Job): void {
  for (const { id } of requests) context.ledger.failed(id, 0);
  closeBatch(context.database, tag);
}

async function storeResults({ requests }: OpenBatch, name: string, job: Job): Promise<void> {
  const { api, endpoint, context, signal } = job;
  const waiting = new Map(requests.map((request) => [nameOf(request.key), request]));
  for await (const { id, outcome } of api.results(name, signal)) {
    const request = waiting.get(id);
    // A name that is not ours, or the second result of one: the first one counts.
    if (!request || !waiting.delete(id) || context.ledger.isSettled(request.id)) continue;
    if (outcome instanceof ProviderError) {
      context.ledger.failed(request.id, costOfFailure(outcome));
      job.failures.set(request.key, outcome);
    } else
      context.ledger.answered(
        request.id,
        outcome,
        costOfReply(endpoint, outcome, endpoint.price.batch),
        endpoint.cacheReplies,
      );
  }
}

/** What a batch ended without: free where the whole batch was refused, else at its worst case: its line may have got lost. */
function closeUnanswered(
  { tag, requests }: OpenBatch,
  status: BatchState['status'],
  message: string,
  { context, failures }: Job,
): void {
  const what =
    message === '' ? `The batch ended as ${status} without a result for it.` : `The batch ${status}: ${message}`;
  for (const { id, key } of requests) {
    if (context.ledger.isSettled(id)) continue;
    const kind = status === 'cancelled' ? 'cancelled' : 'expired';
    context.ledger.failed(id, status === 'failed' ? 0 : null);
    failures.set(key, new ProviderError(kind, what, 'Try `teachers.batch: never`.'));
  }
  closeBatch(context.database, tag);
}

/** Retries what fails for now, for ten minutes; what fails for good is thrown at once. */
async function retryWhileRetryable<Result>(
  { endpoint, context, signal }: Job,
  work: () => Promise<Result>,
): Promise<Result> {
  const began = context.clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (cause) {
      const again = cause instanceof ProviderError && cause.retryable && context.clock.now() - began < GIVE_UP_AFTER_MS;
      if (!again) throw cause;
      const wait = backoffMs(attempt, cause.retryAfterMs, context.random.next());
      if (wait > GIVE_UP_AFTER_MS) throw cause;
      warnOfWait(context, endpoint.teacher, wait, cause);
      await context.clock.sleep(wait, signal);
    }
  }
}

/** 128 bits of the key: short enough for every API's names. */
const nameOf = (key: string): string => key.slice(0, 32);
