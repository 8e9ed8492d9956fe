import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArtifactManifest,
  ComparisonFacts,
  type DomainResult,
  FailedAnswer,
  FailureClusters,
  type Gate,
  type Headline,
  JudgePassport,
  Retest,
  Strength,
} from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { readSpendOf, type Spend } from '@cogumi/teachers/records';
import { z } from 'zod';
import { type Artifact, openStore } from '../artifacts/store.ts';
import { readRunEvents, stageKeys } from '../pipeline/run/run-log.ts';
import type { FoundFailures } from './groups-section.ts';
import type { FoundPassport } from './judges-section.ts';
import { type Evaluation, readEvaluations } from './read-evaluations.ts';
import type { FoundRepair } from './repair-section.ts';
import { type Vocabulary, VocabularyCurve, VocabularyTrial } from './vocabulary-chart.ts';

/** `unfinished`: the build was killed while the stage ran; `not-started`: the build ended before the stage began. */
export type StageOutcome = 'done' | 'cached' | 'failed' | 'blocked' | 'skipped' | 'unfinished' | 'not-started';

export interface ReportStage {
  readonly id: string;
  readonly outcome: StageOutcome;
  /** Why it failed or was blocked; empty otherwise. */
  readonly message: string;
  readonly seconds: number;
  /** Ids of the stages it reads. */
  readonly inputs: readonly string[];
  /** Part of the build; null: the run does not say. */
  readonly chapter: string | null;
  readonly bytes: number;
  readonly manifest: ArtifactManifest | null;
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
  readonly gates: readonly {
    readonly stage: string;
    readonly gate: Gate;
    readonly overridden: boolean;
    /** The optional step that the gate proves; null: the build stands on it. */
    readonly candidate: string | null;
  }[];
  readonly warnings: readonly { readonly stage: string; readonly message: string }[];
  readonly losses: readonly Losses[];
  readonly vocabularies: readonly Vocabulary[];
  /** What the bundle can do, by domain; empty where that was not measured. */
  readonly domains: readonly DomainResult[];
  /** What ships over all domains, beside the base and the reference. */
  readonly headlines: readonly Headline[];
  readonly evaluations: readonly Evaluation[];
  readonly failures: FoundFailures | null;
  readonly repairs: readonly FoundRepair[];
  /** What each judge was found to be beside people. */
  readonly judges: readonly FoundPassport[];
  readonly router: RouterFacts | null;
  readonly samples: readonly ServedSample[];
  readonly spend: readonly Spend[];
  /** Files that could not be read, each with the reason. Their content is missing from the page. */
  readonly unread: readonly string[];
}

/**
 * Reads a run and those of its artifacts that the store still has. Sections are found by the kind, files and facts of an
 * artifact and never by the name of its stage, so that a new stage appears without a change here.
 *
 * Missing artifacts (cleaned, damaged, never made) are left out. A file that should be readable and is not is named in `unread`.
 *
 * @throws Error when the run has no `events.jsonl`.
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

  const store = await openStore(storeRoot, 'empty');
  const keys = stageKeys(events);
  const artifacts = new Map<string, Artifact>();
  for (const [id, key] of keys) {
    const found = await tryRead(`manifest of ${id}`, store.find(key), null);
    if (found) artifacts.set(id, found);
  }

  const idOf = new Map([...keys].map(([id, key]) => [key, id]));
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
      // A stage without output has no manifest; the plan says what the stage would have read.
      inputs: manifest
        ? [...new Set(Object.values(manifest.inputs).flatMap((key) => idOf.get(key) ?? []))]
        : (start?.inputs[id] ?? []),
      chapter: start?.chapters[id] ?? null,
      bytes: manifest?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0,
      manifest,
    };
  });

  const evaluations = await readEvaluations(artifacts, idOf, tryRead);
  const losses: Losses[] = [];
  const vocabularies: Vocabulary[] = [];
  let compared: z.infer<typeof ComparisonFacts> = { domains: [], headlines: [] };
  let failures: FoundFailures | null = null;
  const repairs: FoundRepair[] = [];
  const judges: FoundPassport[] = [];
  let router: RouterFacts | null = null;
  let samples: ServedSample[] = [];
  for (const [id, { manifest, folder: files }] of artifacts) {
    const has = (name: string) => manifest.files.some(({ path }) => path === name);
    const path = (name: string) => join(files, name);
    if (has('losses.jsonl')) {
      const points = await tryRead(`${id}/losses.jsonl`, readAllJsonl(path('losses.jsonl'), LossPoint), []);
      const [train, validation] = [points.filter(of('train')), points.filter(of('validation'))];
      if (points.length > 0) losses.push({ stage: id, train, validation });
    }
    const trimmed = TrimmedFacts.safeParse(manifest.facts).data;
    // A choice links the files of what it took.
    if (trimmed && has('curve.json') && !('chosen' in manifest.facts)) {
      const curve = await tryRead(`${id}/curve.json`, readJson(path('curve.json'), VocabularyCurve), []);
      const { vocabulary: kept, vocabularyBefore: whole, tried: trials, ...bits } = trimmed;
      const cost = bits.bitsPerByteBefore > 0 && {
        trimmed: bits.bitsPerByteTrimmed / bits.bitsPerByteBefore,
        written: bits.bitsPerByte / bits.bitsPerByteBefore,
      };
      vocabularies.push({ stage: id, kept, whole, curve, trials, cost: cost || null });
    }
    if (manifest.kind === 'comparison') compared = ComparisonFacts.safeParse(manifest.facts).data ?? compared;
    if (manifest.kind === 'failures') {
      const summary = await tryRead(`${id}/clusters.json`, readJson(path('clusters.json'), FailureClusters), null);
      const lines = tryRead(`${id}/failures.jsonl`, readAllJsonl(path('failures.jsonl'), FailedAnswer), []);
      if (summary) failures = { stage: id, summary, failures: await lines };
    }
    if (manifest.kind === 'retest') {
      const found = await tryRead(`${id}/clusters.json`, readJson(path('clusters.json'), Retest), null);
      const choice = [...artifacts.values()].find((one) => readsAsEvidence(one.manifest, manifest.key));
      const against = choice ? (Chosen.safeParse(choice.manifest.facts).data?.against ?? null) : null;
      const chosen = artifacts.get(id.replace(/retest$/, 'strength'));
      const strength = chosen
        ? await tryRead(`${id}: strength.json`, readJson(join(chosen.folder, 'strength.json'), Strength), null)
        : null;
      if (found) repairs.push({ stage: id, clusters: found.clusters, against, strength });
    }
    if (manifest.kind === 'passport') {
      const passport = await tryRead(`${id}/passport.json`, readJson(path('passport.json'), JudgePassport), null);
      if (passport) judges.push({ stage: id, passport });
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
    vocabularies,
    ...compared,
    evaluations,
    failures,
    repairs,
    judges,
    router,
    samples,
    spend: readSpendOf(storeRoot, run),
    unread,
  };
}

/** Whether a choice was made by what an artifact proves. */
function readsAsEvidence({ facts, inputs }: ArtifactManifest, key: string): boolean {
  return 'chosen' in facts && Object.entries(inputs).some(([name, one]) => name.startsWith('evidence.') && one === key);
}

/** Facts of a choice: why the candidate was not taken. */
const Chosen = z.object({ against: z.array(z.string()) });

const Confusion = z.object({
  matrix: z.array(z.array(z.number())),
  right: z.number(),
  prompts: z.number(),
  accuracy: z.number(),
});

/** `confusion.json` of a router: rows are the expected routes, columns the chosen ones. */
const RouterFacts = z.object({
  routes: z.array(z.string()),
  known: Confusion,
  unseen: Confusion,
  general: Confusion.optional(),
  examples: z.record(z.string(), Confusion).default({}),
  /** The layer that it reads; null: the last hidden state. */
  layer: z.number().nullish(),
  layers: z
    .array(
      z.object({
        layer: z.number().nullable(),
        kinds: z.record(z.string(), z.object({ right: z.number(), prompts: z.number() })),
      }),
    )
    .default([]),
});
export type RouterFacts = z.infer<typeof RouterFacts>;

const ServedSample = z.object({
  question: z.string(),
  route: z.string(),
  answer: z.string(),
  correct: z.boolean().nullable(),
});
export type ServedSample = z.infer<typeof ServedSample>;

/** Facts of a model whose vocabulary was trimmed. */
const TrimmedFacts = z.object({
  ...{ vocabulary: z.number(), vocabularyBefore: z.number(), tried: z.array(VocabularyTrial) },
  ...{ bitsPerByteBefore: z.number(), bitsPerByteTrimmed: z.number(), bitsPerByte: z.number() },
});

const LossPoint = z.object({ step: z.number(), kind: z.string(), loss: z.number() });
export type LossPoint = z.infer<typeof LossPoint>;

function of(kind: string) {
  return (point: LossPoint) => point.kind === kind;
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(path, 'utf8')));
}

function highestMemory(events: Awaited<ReturnType<typeof readRunEvents>>): number | null {
  return events.reduce<number | null>(
    (most, event) =>
      event.event === 'stage-progress' && event.memoryBytes !== null ? Math.max(most ?? 0, event.memoryBytes) : most,
    null,
  );
}
