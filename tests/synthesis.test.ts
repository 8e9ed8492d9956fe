import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Row } from '@cogumi/contracts';
import { afterAll, expect, it } from 'vitest';
import { readAllJsonl } from '../packages/data/src/formats/jsonl.ts';
import { openStore } from '../packages/factory/src/artifacts/store.ts';
import { createRandom } from '../packages/pure/src/random/random.ts';
import { makeQuestions } from '../packages/teachers/src/procedural/make-questions.ts';
import { knownPrices, priceOf } from '../packages/teachers/src/providers/prices.ts';
import { openRecords } from '../packages/teachers/src/records/open-records.ts';
import { readSpend } from '../packages/teachers/src/records/spend.ts';
import { outcomeSchedule } from '../packages/teachers/src/testing/provider-server/fault-schedule.ts';
import { startProviderServer } from '../packages/teachers/src/testing/provider-server/start-provider-server.ts';
import { answerFrom } from '../packages/teachers/src/testing/test-teacher-pool.ts';
import { type Finished, startCogumi } from './start-cogumi.ts';

/** The plan's 60,000 questions at one percent: 40% easy, 60% hard. */
const DOMAINS = {
  ...Object.fromEntries(['coding', 'math', 'tool_use', 'reasoning'].map((name) => [name, { easy: 40, hard: 60 }])),
  ...Object.fromEntries(
    ['reading', 'summarization', 'common_sense', 'instruction_following'].map((name) => [name, { easy: 20, hard: 30 }]),
  ),
};
const TIERS = ['openai:gpt-4o-mini', 'openai:gpt-4.1', 'anthropic:claude-haiku-4-5'];
/** So that about two thirds are answered by the first tier, and of the rest about two thirds by the second. */
const SKILLS = { 'gpt-4o-mini': 0.35, 'gpt-4.1': 0.35, 'claude-haiku-4-5': 0 };
const BUDGET = 10;
/** Kills of the build: two in every test run, thirty in `npm run exam`. */
const KILLS = Math.min(30, Number(process.env.COGUMI_KILLS ?? 2));
const random = createRandom('synthesis kills');

const folder = mkdtempSync(join(tmpdir(), 'cogumi-synthesis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('buys 600 answers from three tiers over kills and 30% expiry, each once, and books every cent', {
  timeout: 600_000 + KILLS * 60_000,
}, async () => {
  const questions = makeQuestions({ domains: DOMAINS, split: 'train', unseenShare: 0, seed: '1/synthesize' });
  const server = await startProviderServer({
    models: Object.keys(SKILLS),
    answer: answerFrom(questions, SKILLS),
    latencyMs: 5,
    // Of what is handed in for the first time, three of ten run out.
    batch: ({ number }) => ({
      polls: 1,
      reversed: true,
      outcome: outcomeSchedule(`expiry ${number}`, 'expired', number > 6 ? 0 : 0.3),
    }),
  });
  const recipe = join(folder, 'recipe.yaml');
  writeFileSync(
    recipe,
    JSON.stringify({
      name: 'synthesis',
      make: 'data',
      synthesize: { domains: DOMAINS, tiers: TIERS },
      teachers: { batch: 'always' },
      budget: { money: BUDGET },
    }),
  );
  const store = join(folder, 'store');
  const build = () =>
    startCogumi(['build', recipe, '--store', store, '--until', 'synthesize', '--yes', '--json'], {
      OPENAI_API_KEY: 'test-key',
      OPENAI_BASE_URL: `${server.url}/v1`,
      ANTHROPIC_API_KEY: 'test-key',
      ANTHROPIC_BASE_URL: server.url,
    });
  const handedIn = () =>
    server.log.requests.filter(({ method, path }) => method === 'POST' && /batches$/.test(path)).length;
  for (let number = 1; number <= KILLS; number++) {
    const killed = build();
    // The first ones when a batch has just been handed in, which is when most can go wrong; then at any moment.
    if (number <= 2) while (handedIn() < 3 * number - 2) await new Promise((resolve) => setTimeout(resolve, 20));
    else await new Promise((resolve) => setTimeout(resolve, 300 + random.next() * 4000));
    killed.kill();
    await killed.finished;
  }
  const { code, stderr }: Finished = await build().finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

  const artifact = (await (await openStore(store)).list()).find(
    (entry) => entry.state === 'finished' && entry.manifest.stage === 'synthesize',
  );
  if (artifact?.state !== 'finished') throw new Error('no rows');
  const rows = await readAllJsonl(join(store, 'artifacts', artifact.key, 'rows.jsonl'), Row);
  const counts = Map.groupBy(rows, ({ domain, difficulty }) => `${domain} ${difficulty}`);
  for (const [domain, { easy, hard }] of Object.entries(DOMAINS)) {
    expect([counts.get(`${domain} easy`)?.length, counts.get(`${domain} hard`)?.length]).toEqual([easy, hard]);
  }
  const share = (teacher: string) => rows.filter((row) => row.teacher === teacher).length / rows.length;
  const [cheap, middle, best] = TIERS.map(share) as [number, number, number];
  expect(cheap).toBeGreaterThan(0.58);
  expect(cheap).toBeLessThan(0.72);
  expect(middle).toBeGreaterThan(0.17);
  expect(best).toBeGreaterThan(0.07);

  // Nobody was paid twice, and the ledger says what the providers bill, to the cent and far below.
  expect(Math.max(...server.log.timesCharged().values())).toBe(1);
  const database = openRecords(store);
  const spend = readSpend(database, { recipe: 'synthesis' });
  database.close();
  const prices = knownPrices();
  for (const [tier, teacher] of TIERS.entries()) {
    const price = priceOf(prices, teacher)!;
    const own = server.log.charged().filter(({ model }) => model === teacher.slice(teacher.indexOf(':') + 1));
    const bill =
      own.reduce(
        (sum, { inputTokens, outputTokens }) => sum + (inputTokens * price.input + outputTokens * price.output) * 0.5,
        0,
      ) / 1e6;
    const booked = spend
      .filter((row) => row.teacher === teacher && row.tier === tier)
      .reduce((sum, { money }) => sum + money, 0);
    expect(booked).toBeCloseTo(bill, 6);
  }
  const total = spend.reduce((sum, { money }) => sum + money, 0);
  expect(total).toBeLessThan(BUDGET);

  // Once more from nothing but the paid answers: not one request, not one cent.
  rmSync(join(store, 'artifacts', artifact.key), { recursive: true });
  const before = server.log.charged().length;
  expect((await build().finished).code).toBe(0);
  expect(server.log.charged()).toHaveLength(before);
  await server.close();
});
