import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Answer, type ArtifactManifest, type Gate } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { readSpendOf, type Spend } from '@cogumi/teachers/records';
import { z } from 'zod';
import { type Artifact, openStore } from '../artifacts/store.ts';
import { stagesOf } from '../pipeline/graph/stages.ts';
import { readRunEvents, stageKeys } from '../pipeline/run/run-log.ts';
import { Recipe } from '../recipe/recipe.ts';

/** `unfinished`: begun, and the build was killed; `not-started`: the build ended before it. */
export type StageOutcome = 'done' | 'cached' | 'failed' | 'blocked' | 'unfinished' | 'not-started';

export interface ReportStage {
  readonly id: string;
  readonly outcome: StageOutcome;
  /** Why it failed or was blocked; empty otherwise. */
  readonly message: string;
  readonly seconds: number;
  /** Ids of the stages it reads. */
  readonly inputs: readonly string[];
  readonly bytes: number;
  readonly manifest: ArtifactManifest | null;
}

export interface Evaluation {
  /** Id of its stage. */
  readonly id: string;
  /** What was measured: `base`, `reference`, `quantized` or the name of a modifier. */
  readonly name: string;
  readonly scores: Scores;
  readonly answers: readonly Answer[];
}

export interface Losses {
  readonly stage: string;
  readonly train: readonly LossPoint[];
  readonly validation: readonly LossPoint[];
}

/** Everything a report shows, as plain data. */
export interface ReportData {
  readonly run: string;
  readonly name: string;
  readonly recipe: unknown;
  readonly outcome: string;
  readonly digest: string | null;
  readonly seconds: number;
  readonly peakMemoryBytes: number | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stages: readonly ReportStage[];
  readonly gates: readonly { readonly stage: string; readonly gate: Gate; readonly overridden: boolean }[];
  readonly warnings: readonly { readonly stage: string; readonly message: string }[];
  readonly losses: readonly Losses[];
  readonly evaluations: readonly Evaluation[];
  /** Text of the held-out questions by id. */
  readonly questions: ReadonlyMap<string, string>;
  readonly router: RouterFacts | null;
  readonly samples: readonly ServedSample[];
  readonly spend: readonly Spend[];
  /** Files that could not be read, with the reason: what they hold is missing from the page. */
  readonly unread: readonly string[];
}

/**
 * Reads a run and what the store keeps of its artifacts. Whatever is gone (cleaned, damaged, never made) is left out
 * and, where a file should have been readable, named in `unread`.
 *
 * @throws when the run has no `events.jsonl`.
 */
export async function readRun(storeRoot: string, run: string): Promise<ReportData> {
  const folder = join(storeRoot, 'runs', run);
  const events = await readRunEvents(storeRoot, run);
  const recipe: unknown = await readJson(join(folder, 'recipe.json'), z.unknown()).catch(() => null);
  const start = events.find((event) => event.event === 'build-start');
  const end = events.find((event) => event.event === 'build-end');
  const began = start?.at ?? events[0]?.at ?? 0;

  const unread: string[] = [];
  const tryRead = async <T>(what: string, read: Promise<T>, otherwise: T) =>
    read.catch((cause: unknown) => {
      unread.push(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
      return otherwise;
    });

  const store = await openStore(storeRoot);
  const keys = stageKeys(events);
  const artifacts = new Map<string, Artifact>();
  for (const [id, key] of keys) {
    const found = await tryRead(`manifest of ${id}`, store.find(key), null);
    if (found) artifacts.set(id, found);
  }

  const idOf = new Map([...keys].map(([id, key]) => [key, id]));
  const planned = plannedInputs(recipe);
  const stages = [...new Set([...(start?.stages ?? []), ...keys.keys()])].map((id): ReportStage => {
    const ended = events.find((event) => event.event === 'stage-end' && event.stage === id);
    const last = events.findLast((event) => 'stage' in event && event.stage === id);
    const first = events.find((event) => event.event === 'stage-start' && event.stage === id);
    const manifest = artifacts.get(id)?.manifest ?? null;
    const closed = ended?.event === 'stage-end' ? ended : null;
    return {
      id,
      outcome: closed?.outcome ?? (keys.has(id) ? 'unfinished' : 'not-started'),
      message: closed?.message ?? '',
      seconds: (closed?.elapsedMs ?? (last?.at ?? 0) - (first?.at ?? 0)) / 1000,
      // A stage that made nothing has no manifest to ask; the recipe says what it would have read.
      inputs: manifest
        ? [...new Set(Object.values(manifest.inputs).flatMap((key) => idOf.get(key) ?? []))]
        : (planned.get(id) ?? []),
      bytes: manifest?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0,
      manifest,
    };
  });

  const evaluations: Evaluation[] = [];
  const losses: Losses[] = [];
  let questions = new Map<string, string>();
  let router: RouterFacts | null = null;
  let samples: ServedSample[] = [];
  for (const [id, { manifest, folder: files }] of artifacts) {
    const has = (name: string) => manifest.files.some(({ path }) => path === name);
    const path = (name: string) => join(files, name);
    // `.pass-at-1` is a try on training questions, not a measurement.
    if (manifest.kind === 'answers' && !id.endsWith('.pass-at-1')) {
      const scores = Scores.safeParse(manifest.facts);
      const answers = await tryRead(`${id}/answers.jsonl`, readAllJsonl(path('answers.jsonl'), Answer), []);
      if (scores.success)
        evaluations.push({ id, name: id.replace(/^evaluate\.|\.evaluate$/, ''), scores: scores.data, answers });
    }
    if (id === 'questions') {
      const rows = await tryRead(`${id}/questions.jsonl`, readAllJsonl(path('questions.jsonl'), QuestionText), []);
      questions = new Map(rows.map(({ question_id, question }) => [question_id, question]));
    }
    if (has('losses.jsonl') && ['train', 'pretrain'].includes(manifest.stage)) {
      const points = await tryRead(`${id}/losses.jsonl`, readAllJsonl(path('losses.jsonl'), LossPoint), []);
      const [train, validation] = [points.filter(of('train')), points.filter(of('validation'))];
      if (points.length > 0) losses.push({ stage: id, train, validation });
    }
    if (has('confusion.json'))
      router = await tryRead(`${id}/confusion.json`, readJson(path('confusion.json'), RouterFacts), null);
    if (has('samples.json'))
      samples = await tryRead(`${id}/samples.json`, readJson(path('samples.json'), z.array(ServedSample)), []);
  }

  return {
    run,
    name: start?.recipe ?? run,
    recipe,
    outcome: end?.outcome ?? 'unfinished',
    digest: end?.digest ?? null,
    seconds: (end?.elapsedMs ?? (events.at(-1)?.at ?? began) - began) / 1000,
    peakMemoryBytes: end ? end.peakMemoryBytes : highestMemory(events),
    startedAt: began,
    stages,
    gates: events.flatMap((event) => (event.event === 'gate-judged' ? [event] : [])),
    warnings: events.flatMap((event) => (event.event === 'stage-warning' ? [event] : [])),
    losses,
    evaluations,
    questions,
    router,
    samples,
    spend: readSpendOf(storeRoot, run),
    unread,
  };
}

const Score = z.object({
  questions: z.number(),
  correct: z.number(),
  accuracy: z.number(),
  interval: z.tuple([z.number(), z.number()]),
});
export type Score = z.infer<typeof Score>;

/** Facts of an evaluate artifact. */
const Scores = z.object({
  all: Score.nullable(),
  byDomain: z.record(z.string(), z.object({ all: Score.nullable(), unseen: Score.nullish() })),
});
export type Scores = z.infer<typeof Scores>;

const Confusion = z.object({
  matrix: z.array(z.array(z.number())),
  right: z.number(),
  prompts: z.number(),
  accuracy: z.number(),
});

/** `confusion.json` of a route artifact: rows are the right routes, columns the taken ones. */
const RouterFacts = z.object({ routes: z.array(z.string()), known: Confusion, unseen: Confusion });
export type RouterFacts = z.infer<typeof RouterFacts>;

const ServedSample = z.object({
  question: z.string(),
  route: z.string(),
  answer: z.string(),
  correct: z.boolean(),
});
export type ServedSample = z.infer<typeof ServedSample>;

const QuestionText = z.object({ question_id: z.string(), question: z.string() });

const LossPoint = z.object({ step: z.number(), kind: z.string(), loss: z.number() });
export type LossPoint = z.infer<typeof LossPoint>;

function of(kind: string) {
  return (point: LossPoint) => point.kind === kind;
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Empty for a recipe of another version. */
function plannedInputs(recipe: unknown): Map<string, string[]> {
  const parsed = Recipe.safeParse(recipe);
  if (!parsed.success) return new Map();
  return new Map(stagesOf(parsed.data).map(({ id, inputs }) => [id, [...new Set(Object.values(inputs))]]));
}

function highestMemory(events: Awaited<ReturnType<typeof readRunEvents>>): number | null {
  return events.reduce<number | null>(
    (most, event) =>
      event.event === 'stage-progress' && event.memoryBytes !== null ? Math.max(most ?? 0, event.memoryBytes) : most,
    null,
  );
}
