import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answer, FailedAnswer, Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { afterAll, expect, it } from 'vitest';
import { artifactOf, type BuiltRecipe, buildRecipe } from './build-recipe.ts';

const store = process.env.COGUMI_PLANTED_STORE ?? mkdtempSync(join(tmpdir(), 'cogumi-planted-'));
afterAll(() => {
  if (!process.env.COGUMI_PLANTED_STORE) rmSync(store, { recursive: true, force: true });
});

const HOUR = 3_600_000;
const RECIPE = 'tests/exam/planted-weakness.yaml';
const SEEDS = Number(process.env.COGUMI_SEEDS ?? 1);

/** Tools that the seedling never saw; each seed plants one of them, and the others are not asked for. */
const NEVER_SEEN = ['pay', 'book_table', 'send_message', 'turn_on', 'get_weather'].map((tool) => `tool_use/${tool}`);

/** What issue 16 promises. */
const LEAST_PURITY = 0.8;
const LEAST_REPAIRED = 0.7;

const list = (names: readonly string[]) => `[${names.join(', ')}]`;

/** Share of the family's held-out questions that a node's answers have right. */
async function accuracy(built: BuiltRecipe, node: string, family: string): Promise<number> {
  const questions = await readAllJsonl(artifactOf(built, store, 'questions', 'questions.jsonl'), Question);
  const own = new Set(questions.filter(({ task }) => task === family).map(({ question_id }) => question_id));
  const answers = await readAllJsonl(artifactOf(built, store, node, 'answers.jsonl'), Answer);
  const asked = answers.filter(({ question_id }) => own.has(question_id));
  return asked.filter(({ correct }) => correct).length / asked.length;
}

/** Share of the planted family in the cluster that has most of its failures. */
async function purity(built: BuiltRecipe, family: string): Promise<number> {
  const failed = await readAllJsonl(artifactOf(built, store, 'repair.failures', 'failures.jsonl'), FailedAnswer);
  const clusters = [...Map.groupBy(failed, ({ cluster }) => cluster)].flatMap(([cluster, all]) =>
    cluster === null ? [] : [{ size: all.length, own: all.filter(({ task }) => task === family).length }],
  );
  const most = clusters.reduce((best, one) => (one.own > best.own ? one : best));
  return most.own / most.size;
}

it.each(Array.from({ length: SEEDS }, (_, at) => at + 1))(
  'seed %i: finds the kind of question that was left out of training, and repairs it without a loss elsewhere',
  { timeout: HOUR },
  async (seed) => {
    const family = NEVER_SEEN[(seed - 1) % NEVER_SEEN.length]!;
    const others = NEVER_SEEN.filter((name) => name !== family);
    const sets = [`seed=${seed}`, `questions.without=${list(others)}`];
    const whole = await buildRecipe(RECIPE, store, {
      sets: [...sets, `synthesize.without=${list(others)}`],
      until: 'evaluate.tuned',
    });
    const weak = await buildRecipe(RECIPE, store, {
      sets: [...sets, `synthesize.without=${list(NEVER_SEEN)}`],
      until: 'repair.keep-score',
    });
    for (const { end } of [whole, weak]) expect(end.outcome).toBe('done');

    const [full, before] = [
      await accuracy(whole, 'evaluate.tuned', family),
      await accuracy(weak, 'evaluate.tuned', family),
    ];
    const after = await accuracy(weak, 'repair.evaluate', family);
    const found = await purity(weak, family);
    const fallen = weak.events.flatMap((event) =>
      event.event === 'gate-judged' && event.gate.name.startsWith('no-fall-') && event.gate.verdict === 'fail'
        ? [`${event.stage}/${event.gate.name}`]
        : [],
    );
    const repaired = (after - before) / (full - before);
    console.log({ seed, family, full, before, after, repaired, purity: found, fallen, seconds: weak.seconds });
    expect(full - before).toBeGreaterThan(0.3);
    expect(found).toBeGreaterThanOrEqual(LEAST_PURITY);
    expect(repaired).toBeGreaterThanOrEqual(LEAST_REPAIRED);
    expect(fallen).toEqual([]);
    // The gates say the same: what was repaired is kept.
    const kept = await readAllJsonl(artifactOf(weak, store, 'repair.keep-score', 'answers.jsonl'), Answer);
    expect(kept).toEqual(await readAllJsonl(artifactOf(weak, store, 'repair.evaluate', 'answers.jsonl'), Answer));
  },
);
