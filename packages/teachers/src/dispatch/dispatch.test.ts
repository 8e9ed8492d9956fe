import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenTeacherPool } from '../open-teacher-pool.ts';
import { knownPrices, priceOf } from '../providers/prices.ts';
import { openRecords } from '../records/open-records.ts';
import { readSpend } from '../records/spend.ts';
import { faultSchedule, outcomeSchedule } from '../testing/provider-server/fault-schedule.ts';
import type { Fault } from '../testing/provider-server/faults.ts';
import {
  type ProviderServer,
  type ProviderServerOptions,
  startProviderServer,
} from '../testing/provider-server/start-provider-server.ts';
import { answerFrom, fastClock, generateQuestions, openTestTeacherPool } from '../testing/test-teacher-pool.ts';

const CHEAP = 'openai:gpt-4o-mini';
const BEST = 'anthropic:claude-haiku-4-5';
const QUESTIONS = generateQuestions(['math', 'common_sense'], 15, 'dispatch');
const { signal } = new AbortController();
const requestContext = { stage: 'test', tier: null, batchable: true, signal };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(options: ProviderServerOptions = {}): Promise<ProviderServer> {
  const models = [CHEAP, BEST].map((teacher) => teacher.slice(teacher.indexOf(':') + 1));
  const server = await startProviderServer({ models, answer: answerFrom(QUESTIONS, {}), ...options });
  closing.push(() => server.close());
  return server;
}

function open(server: ProviderServer, options: Parameters<typeof openTestTeacherPool>[2] = {}): OpenTeacherPool {
  const teacherPool = openTestTeacherPool(server.url, [CHEAP, BEST], options);
  closing.push(() => teacherPool.close());
  return teacherPool;
}

function newStore(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-dispatch-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** USD spent according to the store. */
function spentOf(store: string): number {
  const database = openRecords(store);
  const spend = readSpend(database, { recipe: 'test' }).reduce((sum, { money }) => sum + money, 0);
  database.close();
  return spend;
}

/** USD that the server would bill for everything it ran. */
function billOf({ log }: ProviderServer, teacher: string, share: number): number {
  const price = priceOf(knownPrices(), teacher);
  const { inputTokens, outputTokens } = log.total();
  return price ? ((inputTokens * price.input + outputTokens * price.output) * share) / 1e6 : Number.NaN;
}

const FREE_FAULTS: Fault[] = [
  { kind: 'status', status: 429, headers: { 'retry-after-ms': '5' } },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 529 },
];
const POSSIBLY_CHARGED_FAULTS: Fault[] = [
  { kind: 'cut', after: 0 },
  { kind: 'cut', after: 2 },
  { kind: 'malformed' },
  { kind: 'stream-error', after: 1 },
  { kind: 'reset', ran: true },
  // The client cannot know that the model did not run.
  { kind: 'reset', ran: false },
];

describe('single requests', () => {
  it('are answered in order, cost in the ledger what the provider bills, and are never paid twice', async () => {
    const server = await serve();
    const store = newStore();
    const teacherPool = open(server, { store, batch: 'never' });
    const replies = await teacherPool.ask(CHEAP, QUESTIONS, requestContext);
    const judged = await teacherPool.judge(
      QUESTIONS.map((question, at) => ({ question, answer: replies[at]!.answer! })),
      requestContext,
    );
    expect(judged.every(({ correct }) => correct)).toBe(true);
    expect(spentOf(store)).toBeCloseTo(billOf(server, CHEAP, 1), 7);
    expect(server.log.charged()).toHaveLength(QUESTIONS.length);

    const again = open(server, { store, batch: 'never', budget: 0 });
    expect(await again.ask(CHEAP, [...QUESTIONS, ...QUESTIONS], requestContext)).toEqual([...replies, ...replies]);
    expect(server.log.charged()).toHaveLength(QUESTIONS.length);
  });

  it('are retried after temporary failures, and only attempts that may have run are charged', async () => {
    for (const [faults, twice] of [
      [FREE_FAULTS, false],
      [POSSIBLY_CHARGED_FAULTS, true],
    ] as const) {
      const server = await serve({ fault: faultSchedule('retry', faults, 0.5, 2) });
      const store = newStore();
      const replies = await open(server, { store, batch: 'never' }).ask(CHEAP, QUESTIONS.slice(0, 12), requestContext);
      expect(replies.every(({ answer }) => answer !== null)).toBe(true);
      expect(server.log.requests.length).toBeGreaterThan(14);
      const bill = billOf(server, CHEAP, 1);
      if (twice) expect(spentOf(store)).toBeGreaterThan(bill);
      else expect(spentOf(store)).toBeCloseTo(bill, 7);
    }
  });

  it('are charged at their worst case when the provider reports no usage', async () => {
    const server = await serve({ fault: () => ({ kind: 'no-usage' }) });
    const store = newStore();
    await open(server, { store, batch: 'never' }).ask(CHEAP, QUESTIONS.slice(0, 2), requestContext);
    expect(spentOf(store)).toBeGreaterThan(2 * billOf(server, CHEAP, 1));
  });

  it('all stop at a refused key, with one error that names the variable', async () => {
    const server = await serve({ key: 'another-key' });
    await expect(open(server, { batch: 'never' }).ask(CHEAP, QUESTIONS, requestContext)).rejects.toMatchObject({
      kind: 'unauthorized',
      hint: expect.stringContaining('OPENAI_API_KEY'),
    });
    expect(server.log.requests.length).toBeLessThanOrEqual(QUESTIONS.length);
  });

  it('fail without a result when the provider stays overloaded', async () => {
    const overloaded: Fault[] = [
      { kind: 'status', status: 429 },
      { kind: 'status', status: 529 },
    ];
    for (const fault of overloaded) {
      const server = await serve({ fault: () => fault });
      const asking = open(server, { batch: 'never', clock: fastClock() }).ask(
        CHEAP,
        QUESTIONS.slice(0, 2),
        requestContext,
      );
      await expect(asking).rejects.toMatchObject({ code: 'PROVIDER_FAILED', retryable: true });
      expect(server.log.charged()).toEqual([]);
    }
  });

  it('are unanswered when a few of them fail because of their content', async () => {
    const poison = new Set<string>();
    const fault = ({ asked }: { asked: string }): Fault | null => {
      if (asked !== '' && poison.size === 0) poison.add(asked);
      return poison.has(asked) ? { kind: 'malformed' } : null;
    };
    const teacherPool = open(await serve({ fault }), { batch: 'never', clock: fastClock() });
    const replies = await teacherPool.ask(CHEAP, QUESTIONS, requestContext);
    expect(replies.filter(({ answer }) => answer === null)).toHaveLength(1);
  });

  it('in flight when one fails permanently end by themselves, are charged and kept', async () => {
    const fault = ({ number }: { number: number }): Fault | null =>
      number === 12 ? { kind: 'status', status: 401 } : null;
    const server = await serve({ fault, latencyMs: 50 });
    const store = newStore();
    const asking = open(server, { store, batch: 'never', providers: { openai: { concurrency: 8 } } }).ask(
      CHEAP,
      QUESTIONS,
      requestContext,
    );
    await expect(asking).rejects.toMatchObject({ kind: 'unauthorized' });
    const charged = server.log.charged().length;
    expect(charged).toBeGreaterThan(10);
    expect(charged).toBeLessThan(30);
    expect(spentOf(store)).toBeCloseTo(billOf(server, CHEAP, 1), 9);
    const again = await open(server, { store, batch: 'never' }).ask(CHEAP, QUESTIONS, requestContext);
    expect(again.every(({ answer }) => answer !== null)).toBe(true);
    expect(server.log.charged()).toHaveLength(QUESTIONS.length);
  });

  it('stop at the budget after all requests in flight have ended and are kept', async () => {
    const server = await serve({ latencyMs: 20 });
    const store = newStore();
    // The worst case of an easy question is 0.0006 USD, that of a hard one 0.0026, and their true cost a hundredth.
    const budget = 0.0025;
    await expect(
      open(server, { store, batch: 'never', budget }).ask(CHEAP, QUESTIONS, requestContext),
    ).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
    });
    expect(server.log.charged().length).toBe(30);
    expect(spentOf(store)).toBeLessThanOrEqual(budget);
    expect(spentOf(store)).toBeCloseTo(billOf(server, CHEAP, 1), 7);
  });
});

describe('batches', () => {
  it.each([CHEAP, BEST])('cost half, in any order, and expired requests are submitted again (%s)', async (teacher) => {
    const server = await serve({
      batch: ({ number }) => ({
        polls: 1,
        reversed: true,
        outcome: number === 1 ? outcomeSchedule('expiry', 'expired', 0.3) : () => 'ok',
      }),
    });
    const store = newStore();
    const replies = await open(server, { store }).ask(teacher, QUESTIONS, requestContext);
    expect(replies.every(({ answer }) => answer !== null)).toBe(true);
    expect(server.log.charged()).toHaveLength(QUESTIONS.length);
    expect([...server.log.timesCharged().values()].every((times) => times === 1)).toBe(true);
    expect(spentOf(store)).toBeCloseTo(billOf(server, teacher, 0.5), 7);
  });

  it('are found again after a kill, whether or not their id was received', async () => {
    for (const heard of [true, false]) {
      let locked = false;
      const fault = (): Fault | null => (locked ? { kind: 'status', status: 401 } : null);
      const server = await serve({ fault, batch: () => ({ polls: 3 }) });
      const store = newStore();
      const stop = new AbortController();
      const first = open(server, { store });
      const asking = first.ask(CHEAP, QUESTIONS, { ...requestContext, signal: stop.signal });
      const isSubmission = ({ method, path }: { method: string; path: string }) =>
        method === 'POST' && path === '/v1/batches';
      while (!server.log.requests.some(isSubmission)) await new Promise(setImmediate);
      stop.abort(new Error('killed'));
      await expect(asking).rejects.toThrow();
      const database = openRecords(store);
      if (!heard) database.exec('UPDATE batches SET name = NULL');
      database.close();
      // A key that is refused in between says nothing about the submitted batch.
      locked = true;
      await expect(open(server, { store }).ask(CHEAP, QUESTIONS, requestContext)).rejects.toMatchObject({
        kind: 'unauthorized',
      });
      locked = false;

      const replies = await open(server, { store }).ask(CHEAP, QUESTIONS, requestContext);
      expect(replies.every(({ answer }) => answer !== null)).toBe(true);
      expect(server.log.requests.filter(isSubmission)).toHaveLength(1);
      expect(server.log.charged()).toHaveLength(QUESTIONS.length);
    }
  });

  it('that the provider no longer knows are an error, and are paid again once their results must have expired', async () => {
    const store = newStore();
    const stop = new AbortController();
    const one = await serve({ batch: () => ({ polls: 1e6 }) });
    const asking = open(one, { store }).ask(CHEAP, QUESTIONS, { ...requestContext, signal: stop.signal });
    while (!one.log.requests.some(({ path }) => path === '/v1/batches/batch_1')) await new Promise(setImmediate);
    stop.abort(new Error('killed'));
    await expect(asking).rejects.toThrow();

    const another = await serve();
    const refused = open(another, { store }).ask(CHEAP, QUESTIONS, requestContext);
    await expect(refused).rejects.toMatchObject({ kind: 'bad-request' });
    expect(another.log.charged()).toEqual([]);
    const reserved = spentOf(store);

    const database = openRecords(store);
    database.exec(`UPDATE batches SET since = since - ${31 * 86_400_000}`);
    database.close();
    const replies = await open(another, { store }).ask(CHEAP, QUESTIONS, requestContext);
    expect(replies.every(({ answer }) => answer !== null)).toBe(true);
    expect(spentOf(store)).toBeCloseTo(reserved + billOf(another, CHEAP, 0.5), 7);
  });

  it('that were recorded long ago and submitted just now are not dropped at a first 404', async () => {
    const store = newStore();
    const stop = new AbortController();
    const one = await serve({ fault: () => ({ kind: 'status', status: 429 }) });
    const asking = open(one, { store }).ask(CHEAP, QUESTIONS, { ...requestContext, signal: stop.signal });
    while (one.log.requests.length === 0) await new Promise(setImmediate);
    stop.abort(new Error('killed'));
    await expect(asking).rejects.toThrow();
    const database = openRecords(store);
    database.exec(`UPDATE batches SET since = since - ${31 * 86_400_000}`);
    database.close();

    let looks = 0;
    const fault = ({ path }: { path: string }): Fault | null =>
      path === '/v1/batches/batch_1' && looks++ === 0 ? { kind: 'status', status: 404 } : null;
    const server = await serve({ fault });
    await expect(open(server, { store }).ask(CHEAP, QUESTIONS, requestContext)).rejects.toMatchObject({
      kind: 'bad-request',
    });
    const isSubmission = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && path === '/v1/batches';
    expect(server.log.requests.filter(isSubmission)).toHaveLength(1);
  });

  it('stop together: after a permanent failure of one batch, the others are left to the next run', async () => {
    let refused = 0;
    const fault = ({ path }: { path: string }): Fault | null =>
      path === '/v1/batches/batch_2' && refused++ === 0 ? { kind: 'status', status: 401 } : null;
    const server = await serve({ fault, batch: () => ({ polls: 1e6 }) });
    const store = newStore();
    const stop = new AbortController();
    const first = open(server, { store }).ask(CHEAP, QUESTIONS.slice(0, 12), {
      ...requestContext,
      signal: stop.signal,
    });
    while (!server.log.requests.some(({ path }) => path === '/v1/batches/batch_1')) await new Promise(setImmediate);
    stop.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    const asking = open(server, { store, clock: fastClock() }).ask(CHEAP, QUESTIONS.slice(0, 24), requestContext);
    await expect(asking).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('hold as many requests at a time as the budget allows', async () => {
    const server = await serve();
    const store = newStore();
    // Less than the sum of the worst cases of these requests, at half price.
    const budget = 0.002;
    const replies = await open(server, { store, budget }).ask(CHEAP, QUESTIONS.slice(0, 12), requestContext);
    expect(replies.every(({ answer }) => answer !== null)).toBe(true);
    expect(
      server.log.requests.filter(({ method, path }) => method === 'POST' && path === '/v1/batches').length,
    ).toBeGreaterThan(1);
    expect(spentOf(store)).toBeLessThanOrEqual(budget);
  });

  it('tolerate missing, broken and duplicate results: requests that may have run are charged, and sent once more', async () => {
    const server = await serve({
      batch: ({ number }) => ({
        outcome: (_, place) =>
          number > 1 ? 'ok' : ((['missing', 'broken', 'twice', 'error'] as const)[place % 8] ?? 'ok'),
      }),
    });
    const store = newStore();
    const replies = await open(server, { store }).ask(CHEAP, QUESTIONS, requestContext);
    expect(replies.every(({ answer }) => answer !== null)).toBe(true);
    expect(spentOf(store)).toBeGreaterThan(billOf(server, CHEAP, 0.5));
  });
});
