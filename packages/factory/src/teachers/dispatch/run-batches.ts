import { hash } from 'node:crypto';
import { backoffMs } from '../../waiting/backoff.ts';
import { type BatchApi, type BatchState, ProviderError } from '../provider.ts';
import { closeBatch, countBatches, markSent, nameBatch, type OpenBatch, openBatches } from '../records/batches.ts';
import { BudgetExceededError } from '../records/ledger.ts';
import { findReply } from '../records/replies.ts';
import { type Office, tellOfWait } from './ask-all.ts';
import { type Asked, costOfFailure, costOfReply, type Desk, type Outcome, reservationOf } from './asked.ts';

/** Between two looks at a batch: at first, and at most (chosen; most batches take minutes to hours). */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 60_000;

/** How long a batch that was refused as a whole is kept back: at first, then twice as long each time (chosen). */
const REFUSED_MS = 30_000;

/** How long a provider may fail to tell of a batch, which goes on by itself all the while (chosen, as for lanes). */
const GIVE_UP_MS = 600_000;

/** How often a request is handed in (chosen): each time a batch may run out or fail. */
const MOST_TRIES = 5;

/** Bytes that a line of a batch file has around the messages (chosen, above what either API needs). */
const AROUND_CALL = 1024;

/** What all steps of a batch job share. */
interface Job {
  readonly desk: Desk;
  readonly api: BatchApi;
  readonly recipe: string;
  readonly calls: ReadonlyMap<string, Asked>;
  readonly failures: Map<string, ProviderError>;
  /** How many requests of each open batch the provider has done. */
  readonly running: Map<string, number>;
  readonly office: Office;
  readonly signal: AbortSignal;
  readonly tell: () => void;
}

/**
 * Has requests to one teacher answered by its batch API. What stands in a batch that an earlier run left open is waited for,
 * and only the rest is handed in: what expired, failed or got lost goes again, nothing is bought twice.
 *
 * @param asked - All to the same teacher, which has a batch API.
 * @param recipe - Whose batches they are.
 * @throws as `askAll`. A batch that is under way when the run ends goes on at the provider; the next run takes its results.
 */
export async function runBatches(
  asked: readonly Asked[],
  recipe: string,
  office: Office,
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<Outcome[]> {
  const desk = asked[0]?.desk;
  if (!desk) return [];
  const calls = new Map(asked.map((one) => [one.key, one]));
  const api = desk.provider.batches as BatchApi;
  const stop = new AbortController();
  let settled = 0;
  const running = new Map<string, number>();
  const job: Job = {
    ...{ desk, api, recipe, calls, failures: new Map(), running, office },
    signal: AbortSignal.any([signal, stop.signal]),
    tell: () => onDone(settled + [...running.values()].reduce((sum, done) => sum + done, 0)),
  };
  const tries = new Map<string, number>();
  for (let refused = 0; ; ) {
    const waiting = new Set(
      openBatches(office.database, recipe, desk.teacher)
        .flatMap(({ requests }) => requests)
        .map(({ key }) => key),
    );
    const missing = [...calls.values()].filter(({ key }) => {
      const failure = job.failures.get(key);
      return !findReply(office.database, key) && (!failure || failure.passing) && (tries.get(key) ?? 0) < MOST_TRIES;
    });
    settled = calls.size - missing.length;
    job.tell();
    if (missing.length === 0) break;
    const unasked = missing.filter(({ key }) => !waiting.has(key));
    for (const { key } of noteBatches(unasked, waiting.size > 0, job)) tries.set(key, (tries.get(key) ?? 0) + 1);
    // The first failure stops the others, and nobody goes on behind whoever closes the records.
    const ends = await Promise.allSettled(
      openBatches(office.database, recipe, desk.teacher).map((batch) =>
        finish(batch, job).catch((cause) => {
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
      await office.clock.sleep(REFUSED_MS * 2 ** refused++, signal);
    }
  }
  return asked.map(({ key }) => findReply(office.database, key) ?? (job.failures.get(key) as ProviderError));
}

/**
 * Reserves as much as the budget allows and writes down what is to be handed in: from here on no kill can lose it.
 *
 * @param patient - Whether others are under way, whose end may bring money back.
 * @returns What was reserved.
 */
function noteBatches(missing: readonly Asked[], patient: boolean, { desk, api, office }: Job): Asked[] {
  const noted: Asked[] = [];
  for (let part = nextPart(missing, 0, api, desk, office); part.length > 0; ) {
    const keys = part.map(({ key }) => key).join();
    const tag = hash('sha256', `${countBatches(office.database)} ${keys}`).slice(0, 24);
    const requests = part.map((one) => reservationOf(one, desk.price.batch));
    office.ledger.reserve(requests, { tag, teacher: desk.teacher, since: office.clock.date() });
    noted.push(...part);
    part = nextPart(missing, noted.length, api, desk, office);
  }
  if (noted.length > 0 || missing.length === 0 || patient) return noted;
  const [first] = missing.map((one) => reservationOf(one, desk.price.batch));
  throw new BudgetExceededError(first?.worst ?? 0, office.ledger.left(), `The next request to ${desk.teacher}`);
}

/** What fits into one batch, and into the budget, of the requests from place `from` on. */
function nextPart(missing: readonly Asked[], from: number, api: BatchApi, desk: Desk, office: Office): Asked[] {
  const part: Asked[] = [];
  let bytes = 0;
  let left = office.ledger.left();
  for (const one of missing.slice(from, from + api.mostRequests)) {
    bytes += AROUND_CALL + Buffer.byteLength(JSON.stringify([one.call.messages, one.call.schema]));
    left -= reservationOf(one, desk.price.batch).worst;
    if (bytes > api.mostBytes || left < 0) break;
    part.push(one);
  }
  return part;
}

/** Sees a batch to its end, wherever it stands; answers how it ended, null when it was given up. */
async function finish(batch: OpenBatch, job: Job): Promise<BatchState['status'] | null> {
  const { api, office, signal } = job;
  const name = batch.name ?? (await handIn(batch, job));
  if (name === null) return null;
  let state: BatchState;
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(LONGEST_POLL_MS, wait * 1.5)) {
    state = await patiently(job, () => api.state(name, signal));
    job.running.set(batch.tag, state.done);
    job.tell();
    if (state.status !== 'running') break;
    await office.clock.sleep(wait, signal);
  }
  await patiently(job, () => takeResults(batch, name, job));
  closeUnanswered(batch, state, job);
  return state.status;
}

/** @returns The provider's name of the batch; null when there is nothing to hand in any more. */
async function handIn(batch: OpenBatch, job: Job): Promise<string | null> {
  const { api, calls, office, signal } = job;
  const lines = batch.requests.flatMap(({ key }) => {
    const one = calls.get(key);
    return one ? [{ id: nameOf(key), call: one.call }] : [];
  });
  let sent = batch.sent;
  let refused = false;
  try {
    const name = await patiently(job, async () => {
      // It may have been handed in by a process that did not live to hear its name, or by an attempt that timed out.
      const hints = { requests: batch.requests.length, since: batch.since };
      const known = sent ? await api.find(batch.tag, signal, hints) : null;
      // Of another state of the recipe, and never handed in: nobody waits for it.
      if (known !== null || lines.length < batch.requests.length) return known;
      const first = !sent;
      sent = true;
      markSent(office.database, batch.tag);
      return api.submit(lines, batch.tag, signal).catch((cause) => {
        refused = first && cause instanceof ProviderError && !cause.passing;
        throw cause;
      });
    });
    if (name !== null) nameBatch(office.database, batch.tag, name);
    else drop(batch, job);
    return name;
  } catch (cause) {
    // Only what was refused at the first try is surely not there; all else is looked for by the next run.
    if (refused) drop(batch, job);
    throw cause;
  }
}

function drop({ tag, requests }: OpenBatch, { office }: Job): void {
  for (const { id } of requests) office.ledger.failed(id, 0);
  closeBatch(office.database, tag);
}

async function takeResults({ requests }: OpenBatch, name: string, job: Job): Promise<void> {
  const { api, desk, office, signal } = job;
  const waiting = new Map(requests.map((request) => [nameOf(request.key), request]));
  for await (const { id, outcome } of api.results(name, signal)) {
    const request = waiting.get(id);
    // A name that is not ours, or the second result of one: the first one counts.
    if (!request || !waiting.delete(id) || isSettled(request.id, job)) continue;
    if (outcome instanceof ProviderError) {
      office.ledger.failed(request.id, costOfFailure(outcome));
      job.failures.set(request.key, outcome);
    } else office.ledger.answered(request.id, outcome, costOfReply(desk, outcome, desk.price.batch), desk.keeps);
  }
}

/** What a batch ended without: free where the whole batch was refused, else at its worst case: its line may have got lost. */
function closeUnanswered({ tag, requests }: OpenBatch, { status, message }: BatchState, job: Job): void {
  const what =
    message === '' ? `The batch ended as ${status} without a result for it.` : `The batch ${status}: ${message}`;
  for (const { id, key } of requests) {
    if (isSettled(id, job)) continue;
    const kind = status === 'cancelled' ? 'cancelled' : 'expired';
    job.office.ledger.failed(id, status === 'failed' ? 0 : null);
    job.failures.set(key, new ProviderError(kind, what, 'Try `teachers.batch: never`.'));
  }
  closeBatch(job.office.database, tag);
}

/** Retries what fails for now, for ten minutes; what fails for good is thrown at once. */
async function patiently<Result>({ desk, office, signal }: Job, work: () => Promise<Result>): Promise<Result> {
  const began = office.clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (cause) {
      const again = cause instanceof ProviderError && cause.passing && office.clock.now() - began < GIVE_UP_MS;
      if (!again) throw cause;
      const wait = backoffMs(attempt, cause.retryAfterMs, office.random.next());
      if (wait > GIVE_UP_MS) throw cause;
      tellOfWait(office, desk.teacher, wait, cause);
      await office.clock.sleep(wait, signal);
    }
  }
}

/** 128 bits of the key: short enough for every API's names. */
const nameOf = (key: string): string => key.slice(0, 32);

function isSettled(id: number, { office }: Job): boolean {
  const row = office.database.prepare('SELECT settled FROM requests WHERE id = ?').get(id) as {
    settled: number | null;
  };
  return row.settled !== null;
}
