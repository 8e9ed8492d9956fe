import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answer, FailedAnswer, Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { createRandom } from '@cogumi/pure';
import { afterAll, expect, it } from 'vitest';
import { artifactOf, type BuiltRecipe, buildRecipe, factsOf } from './build-recipe.ts';

const store = process.env.COGUMI_PLANTED_STORE ?? mkdtempSync(join(tmpdir(), 'cogumi-planted-'));
afterAll(() => {
  if (!process.env.COGUMI_PLANTED_STORE) rmSync(store, { recursive: true, force: true });
});

const HOUR = 3_600_000;
const RECIPE = 'tests/exam/planted-weakness.yaml';
/** Seeds to plant: the first so many, or those named (`COGUMI_SEEDS=4,7`). */
const SEEDS = seedsOf(process.env.COGUMI_SEEDS ?? '1');

/** Tools that the seedling never saw; each seed plants one of them, and the others are not asked for. */
const NEVER_SEEN = ['pay', 'book_table', 'send_message', 'turn_on', 'get_weather'].map((tool) => `tool_use/${tool}`);

/** What issue 16 promises. */
const LEAST_PURITY = 0.8;
const LEAST_REPAIRED = 0.7;
/** A plant is fair where training with the family gains so much of its accuracy, on so many questions (chosen). */
const LEAST_LOST = 0.3;
const LEAST_QUESTIONS = 30;

const list = (names: readonly string[]) => `[${names.join(', ')}]`;

function seedsOf(given: string): readonly number[] {
  const named = given.split(',').map(Number);
  return named.length > 1 || given.endsWith(',')
    ? named.filter((seed) => seed > 0)
    : Array.from({ length: named[0]! }, (_, at) => at + 1);
}

/** Share of the family's held-out questions that a node's answers have right. */
async function accuracy(built: BuiltRecipe, node: string, family: string): Promise<number> {
  const questions = await readAllJsonl(artifactOf(built, store, 'questions', 'questions.jsonl'), Question);
  const own = new Set(questions.filter(({ task }) => task === family).map(({ question_id }) => question_id));
  const answers = await readAllJsonl(artifactOf(built, store, node, 'answers.jsonl'), Answer);
  const asked = answers.filter(({ question_id }) => own.has(question_id));
  expect(asked.length).toBeGreaterThanOrEqual(LEAST_QUESTIONS);
  return asked.filter(({ correct }) => correct).length / asked.length;
}

/** Right answers to all other questions, before the repair and after it. */
async function rightOthers(built: BuiltRecipe, family: string): Promise<readonly number[]> {
  const questions = await readAllJsonl(artifactOf(built, store, 'questions', 'questions.jsonl'), Question);
  const other = new Set(questions.filter(({ task }) => task !== family).map(({ question_id }) => question_id));
  const count = async (node: string) =>
    (await readAllJsonl(artifactOf(built, store, node, 'answers.jsonl'), Answer)).filter(
      ({ question_id, correct }) => correct && other.has(question_id),
    ).length;
  return [await count('evaluate.tuned'), await count('repair.evaluate')];
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

interface Plant {
  readonly family: string;
  /** Accuracy on the family's held-out questions of the model that was trained with it, and of the one that was not. */
  readonly full: number;
  readonly before: number;
}

const setsOf = (seed: number, family: string, without: readonly string[]) => [
  `seed=${seed}`,
  `questions.without=${list(NEVER_SEEN.filter((name) => name !== family))}`,
  `synthesize.without=${list(without)}`,
];

/** The first family, in an order of the seed's own, that training with it teaches: found before anything is repaired. */
async function plant(seed: number): Promise<Plant> {
  const tried: Plant[] = [];
  for (const family of createRandom(`plant/${seed}`).shuffle(NEVER_SEEN)) {
    const others = NEVER_SEEN.filter((name) => name !== family);
    const [whole, weak] = [
      await buildRecipe(RECIPE, store, { sets: setsOf(seed, family, others), until: 'evaluate.tuned' }),
      await buildRecipe(RECIPE, store, { sets: setsOf(seed, family, NEVER_SEEN), until: 'evaluate.tuned' }),
    ];
    for (const { end } of [whole, weak]) expect(end.outcome).toBe('done');
    const [full, before] = [
      await accuracy(whole, 'evaluate.tuned', family),
      await accuracy(weak, 'evaluate.tuned', family),
    ];
    tried.push({ family, full, before });
    if (full - before >= LEAST_LOST) break;
  }
  console.log({ seed, tried });
  const found = tried.at(-1)!;
  expect(found.full - found.before).toBeGreaterThanOrEqual(LEAST_LOST);
  return found;
}

it.each(SEEDS)(
  'seed %i: finds the kind of question that was left out of training, and repairs it without a loss elsewhere',
  { timeout: 2 * HOUR },
  async (seed) => {
    const { family, full, before } = await plant(seed);
    const weak = await buildRecipe(RECIPE, store, {
      sets: setsOf(seed, family, NEVER_SEEN),
      until: 'repair.keep-score',
    });
    expect(weak.end.outcome).toBe('done');

    const after = await accuracy(weak, 'repair.evaluate', family);
    const found = await purity(weak, family);
    const { strength } = factsOf(weak, store, 'repair.strength');
    const fallen = weak.events.flatMap((event) =>
      event.event === 'gate-judged' &&
      event.stage.startsWith('repair') &&
      event.gate.name.startsWith('no-fall-') &&
      event.gate.verdict === 'fail'
        ? [`${event.stage}/${event.gate.name}`]
        : [],
    );
    const repaired = (after - before) / (full - before);
    const others = await rightOthers(weak, family);
    console.log({
      seed,
      family,
      full,
      before,
      after,
      repaired,
      purity: found,
      strength,
      others,
      fallen,
      seconds: weak.seconds,
    });
    expect(found).toBeGreaterThanOrEqual(LEAST_PURITY);
    expect(repaired).toBeGreaterThanOrEqual(LEAST_REPAIRED);
    expect(fallen).toEqual([]);
    // The gates say the same: what was repaired is kept.
    const kept = await readAllJsonl(artifactOf(weak, store, 'repair.keep-score', 'answers.jsonl'), Answer);
    expect(kept).toEqual(await readAllJsonl(artifactOf(weak, store, 'repair.evaluate', 'answers.jsonl'), Answer));
  },
);
