import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Random } from '@cogumi/pure';
import { expect, it } from 'vitest';
import { NANO } from '../cost.ts';
import { knownPrices, priceOf } from '../providers/prices.ts';
import { openRecords } from '../records/open-records.ts';
import { readSpend } from '../records/spend.ts';
import { faultSchedule } from '../testing/provider-server/fault-schedule.ts';
import type { Fault } from '../testing/provider-server/faults.ts';
import { type ProviderServer, startProviderServer } from '../testing/provider-server/start-provider-server.ts';
import { answerFrom, generateQuestions, openTestTeacherPool } from '../testing/test-teacher-pool.ts';

/** Ten in every test run, two hundred in `npm run exam`. */
const SCHEDULES = Number(process.env.COGUMI_SCHEDULES ?? 10);
const TEACHERS = ['openai:gpt-4o-mini', 'anthropic:claude-haiku-4-5'] as const;
const QUESTIONS = generateQuestions(['math', 'tool_use'], 8, 'fuzz');
const FAULTS: Fault[] = [
  { kind: 'status', status: 429, headers: { 'retry-after-ms': '1' } },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 529 },
  { kind: 'slow', ms: 30 },
  { kind: 'reset', ran: true },
  { kind: 'reset', ran: false },
  { kind: 'cut', after: 1 },
  { kind: 'malformed' },
  { kind: 'stream-error', after: 1 },
  { kind: 'no-usage' },
];
const OUTCOMES = ['ok', 'ok', 'ok', 'expired', 'error', 'missing', 'broken', 'twice'] as const;

/** Nanodollars that the server bills for everything it ran, at the share of the price that this schedule pays. */
function billOf({ log }: ProviderServer, teacher: string, share: number): number {
  const price = priceOf(knownPrices(), teacher);
  if (!price) throw new Error(`no price of ${teacher}`);
  return log
    .charged()
    .reduce(
      (sum, { inputTokens, outputTokens }) =>
        sum + (inputTokens * price.input + outputTokens * price.output) * share * 1e3,
      0,
    );
}

async function oneSchedule(random: Random, seed: string) {
  const teacher = random.pick(TEACHERS);
  const batched = random.chance(0.4);
  const outcomes = random.fork('outcomes');
  const server = await startProviderServer({
    models: TEACHERS.map((name) => name.slice(name.indexOf(':') + 1)),
    answer: answerFrom(QUESTIONS, {}),
    fault: faultSchedule(seed, FAULTS, random.next() * 0.6, 3),
    batch: () => ({
      polls: random.integer(0, 1),
      reversed: random.chance(0.5),
      outcome: () => outcomes.pick(OUTCOMES),
    }),
  });
  const store = mkdtempSync(join(tmpdir(), 'cogumi-fuzz-'));
  // From zero to more than the worst case of all requests.
  const budget = random.chance(0.1) ? 0 : 10 ** (random.next() * 4 - 3.5);
  // Three runs, each stopped at a random moment; the last one mostly ends by itself.
  for (let run = 0; run < 3; run++) {
    const teacherPool = openTestTeacherPool(server.url, [teacher], {
      store,
      budget,
      batch: batched ? 'always' : 'never',
    });
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new Error('stopped')), random.integer(5, 400));
    const requestContext = { stage: 's', tier: null, batchable: true, signal: stop.signal };
    await teacherPool.ask(teacher, QUESTIONS, requestContext).catch(() => undefined);
    clearTimeout(timer);
    await teacherPool.close();
    const database = openRecords(store);
    const spent = readSpend(database, { recipe: 'test' }).reduce((sum, { money }) => sum + money, 0);
    database.close();
    const bill = billOf(server, teacher, batched ? 0.5 : 1);
    expect({ seed, over: spent > budget + 1e-12 }).toEqual({ seed, over: false });
    expect({ seed, bill: bill / NANO > spent + 1e-9 }).toEqual({ seed, bill: false });
  }
  await server.close();
  rmSync(store, { recursive: true, force: true });
}

it(
  `never spends more than the budget, in ${SCHEDULES} schedules of faults, stops and budgets`,
  async () => {
    for (let at = 0; at < SCHEDULES; at++) await oneSchedule(createRandom(`schedule/${at}`), `schedule/${at}`);
  },
  600_000 + SCHEDULES * 10_000,
);
