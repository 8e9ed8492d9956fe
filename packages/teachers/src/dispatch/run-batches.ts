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

/** Time between two polls of a batch, at first and at most (chosen; most batches take minutes to hours). */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 60_000;

/** Wait after a provider refused a whole batch (chosen); it doubles with each further refusal. */
const REFUSED_MS = 30_000;

/** Time after which results can no longer be fetched: OpenAI deletes them after 30 days, Anthropic after 29. */
const KEPT_MS = 30 * 86_400_000;

/** Most submissions of one request (chosen), since each batch may expire or fail. */
const MOST_TRIES = 5;

/** Bytes of a line in a batch file besides the messages (chosen above what either API needs). */
const BYTES_PER_CALL = 1024;

/** State that all steps of `runBatches` share. */
interface Job {
  readonly endpoint: TeacherEndpoint;
  readonly api: BatchApi;
  readonly recipe: string;
  readonly calls: ReadonlyMap<string, TeacherRequest>;
  readonly failures: Map<string, ProviderError>;
  /** Number of finished requests of each open batch, by tag. */
  readonly running: Map<string, number>;
  readonly context: DispatchContext;
  readonly signal: AbortSignal;
  readonly reportProgress: () => void;
}

/**
 * Sends requests to one teacher through its batch API. First waits for batches that an earlier run left open, then submits the
 * other requests. Expired, failed and lost requests are submitted again; no reply is paid twice.
 *
 * @param requests - All to the same teacher, which has a batch API.
 * @param recipe - The recipe whose budget and open batches are used.
 * @throws as `sendRequests`. A batch that runs when the build ends continues at the provider; the next build takes its results.
 */
export async function runBatches(
  requests: readonly TeacherRequest[],
  recipe: string,
  context: DispatchContext,
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<Outcome[]> {
  const endpoint = requests[0]?.endpoint;
  if (!endpoint) return [];
  const calls = new Map(requests.map((one) => [one.key, one]));
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
    const unsent = missing.filter(({ key }) => !waiting.has(key));
    for (const { key } of recordBatches(unsent, waiting.size > 0, job)) tries.set(key, (tries.get(key) ?? 0) + 1);
    // The first failure aborts the other batches. Waits for all of them, so that none writes after the records are closed.
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
    // A provider that refused a whole batch would refuse it again at once.
    if (ends.some((end) => end.status === 'fulfilled' && end.value === 'failed')) {
      await context.clock.sleep(REFUSED_MS * 2 ** refused++, signal);
    }
  }
  return requests.map(({ key }) => context.replies.find(key) ?? (job.failures.get(key) as ProviderError));
}

/**
 * Reserves as many requests as the budget allows and records the batches that will be submitted, so that no kill can lose them.
 *
 * @param othersRunning - Whether other batches are running, whose end may release reserved money.
 * @returns The requests that were reserved.
 * @throws BudgetExceededError when nothing fits the budget and no other batch is running.
 */
function recordBatches(
  missing: readonly TeacherRequest[],
  othersRunning: boolean,
  { endpoint, api, context }: Job,
): TeacherRequest[] {
  const orders = missing.map((request) => ({ request, reservation: reservationOf(request, endpoint.price.batch) }));
  const [first] = orders;
  let noted = 0;
  for (let part = nextPart(orders, api, context); part.length > 0; part = nextPart(orders.slice(noted), api, context)) {
    const keys = part.map(({ request }) => request.key).join();
    const tag = hash('sha256', `${countBatches(context.database)} ${keys}`).slice(0, 24);
    const reservations = part.map(({ reservation }) => reservation);
    context.ledger.reserve(reservations, { tag, teacher: endpoint.teacher, since: context.clock.date() });
    noted += part.length;
  }
  if (noted === 0 && first && !othersRunning) {
    throw new BudgetExceededError(
      first.reservation.worst,
      context.ledger.left(),
      `The next request to ${endpoint.teacher}`,
    );
  }
  return missing.slice(0, noted);
}

interface Order {
  readonly request: TeacherRequest;
  readonly reservation: Reservation;
}

/** The first orders that fit into one batch and into the budget. */
function nextPart(orders: readonly Order[], api: BatchApi, context: DispatchContext): Order[] {
  const part: Order[] = [];
  let bytes = 0;
  let left = context.ledger.left();
  for (const order of orders.slice(0, api.mostRequests)) {
    const { call } = order.request;
    bytes += BYTES_PER_CALL + Buffer.byteLength(JSON.stringify([call.messages, call.schema]));
    left -= order.reservation.worst;
    if (bytes > api.mostBytes || left < 0) break;
    part.push(order);
  }
  return part;
}

/** Brings a batch to its end from whatever state it is in. Returns its final status; null when it was dropped. */
async function finishBatch(batch: OpenBatch, job: Job): Promise<BatchState['status'] | null> {
  const name = batch.name ?? (await submitBatch(batch, job));
  if (name === null) return null;
  try {
    const { status, message } = await waitForBatch(batch.tag, name, job);
    await retryWhileRetryable(job, () => storeResults(batch, name, job));
    closeUnanswered(batch, status, message, job);
    return status;
  } catch (cause) {
    const gone = cause instanceof ProviderError && cause.kind === 'bad-request';
    // A batch that this run submitted exists, even if the provider says otherwise.
    if (!gone || batch.name === null || job.context.clock.date() - batch.since < KEPT_MS) throw cause;
    // Its results were not fetched in time; it was charged nevertheless.
    closeUnanswered(batch, 'expired', cause.message, job);
    return 'expired';
  }
}

async function waitForBatch(tag: string, name: string, job: Job): Promise<BatchState> {
  const { api, context, signal } = job;
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(LONGEST_POLL_MS, wait * 1.5)) {
    const state = await retryWhileRetryable(job, () => api.state(name, signal));
    job.running.set(tag, state.done);
    job.reportProgress();
    if (state.status !== 'running') return state;
    await context.clock.sleep(wait, signal);
  }
}

/** Submits a batch, or finds it if an earlier attempt did. @returns The provider's id; null when its requests are no longer needed. */
async function submitBatch(batch: OpenBatch, job: Job): Promise<string | null> {
  const { api, calls, context, signal } = job;
  const lines = batch.requests.flatMap(({ key }) => {
    const one = calls.get(key);
    return one ? [{ id: requestId(key), call: one.call }] : [];
  });
  let sent = batch.sent;
  let refused = false;
  try {
    const name = await retryWhileRetryable(job, async () => {
      // A killed process, or an attempt that timed out, may have submitted it without receiving its id.
      const hints = { requests: batch.requests.length, since: batch.since };
      const known = sent ? await api.find(batch.tag, signal, hints) : null;
      // Recorded for requests that the recipe no longer has, and never submitted: not needed.
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
    // Only a batch that was refused at the first attempt surely does not exist; the next run searches for every other one.
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
  const waiting = new Map(requests.map((request) => [requestId(request.key), request]));
  for await (const { id, outcome } of api.results(name, signal)) {
    const request = waiting.get(id);
    // Ignores an unknown id and a second result: the first result counts.
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

/** Settles the requests without a result: at no cost when the whole batch was refused, else at the worst case, since their lines may be lost. */
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

/** Retries while the error is retryable, for ten minutes at most. Throws a permanent error at once. */
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

/** The id of a request in a batch: 128 bits of its key, short enough for every API. */
const requestId = (key: string): string => key.slice(0, 32);
