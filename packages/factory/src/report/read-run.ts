import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Answer, type ArtifactManifest, type Gate } from '@cogumi/contracts';
import { readAllJsonl } from '../artifacts/jsonl.ts';
import { type Artifact, openStore } from '../artifacts/store.ts';
import { readRunEvents } from '../pipeline/run-log.ts';
import { createLedger, type Spend } from '../teachers/ledger.ts';
import type { Series } from './charts.ts';

export interface ReportStage {
  readonly id: string;
  readonly outcome: 'done' | 'cached' | 'failed' | 'blocked' | 'unfinished';
  readonly seconds: number;
  /** Ids of the stages it reads. */
  readonly inputs: readonly string[];
  readonly bytes: number;
  readonly manifest: ArtifactManifest | null;
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
  readonly startedAt: number;
  readonly stages: readonly ReportStage[];
  readonly gates: readonly { readonly stage: string; readonly gate: Gate; readonly overridden: boolean }[];
  readonly losses: readonly { readonly stage: string; readonly series: readonly Series[] }[];
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
  /** Question text by id, per stage that measured it. */
  readonly questions: ReadonlyMap<string, string>;
  readonly samples: readonly { question: string; route: string; answer: string; correct: boolean }[];
  readonly spend: readonly Spend[];
}

/** Reads a run and what the store keeps of its artifacts; parts that are gone are left out. */
export async function readRun(storeRoot: string, run: string): Promise<ReportData> {
  const folder = join(storeRoot, 'runs', run);
  const events = await readRunEvents(storeRoot, run);
  const store = await openStore(storeRoot);
  const start = events.find((event) => event.event === 'build-start');
  const end = events.find((event) => event.event === 'build-end');
  const keys = new Map(
    events.flatMap((event) => (event.event === 'stage-start' ? [[event.stage, event.key] as const] : [])),
  );
  const idOf = new Map([...keys].map(([id, key]) => [key, id]));
  const artifacts = new Map<string, Artifact>();
  for (const [id, key] of keys) {
    const found = await store.find(key).catch(() => null);
    if (found) artifacts.set(id, found);
  }

  const stages = [...keys.keys()].map((id): ReportStage => {
    const ended = events.find((event) => event.event === 'stage-end' && event.stage === id);
    const manifest = artifacts.get(id)?.manifest ?? null;
    return {
      id,
      outcome: ended?.event === 'stage-end' ? ended.outcome : 'unfinished',
      seconds: ended?.event === 'stage-end' ? ended.elapsedMs / 1000 : 0,
      inputs: Object.values(manifest?.inputs ?? {}).flatMap((key) => idOf.get(key) ?? []),
      bytes: manifest?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0,
      manifest,
    };
  });

  const answers = new Map<string, Answer[]>();
  const questions = new Map<string, string>();
  const losses: { stage: string; series: Series[] }[] = [];
  let samples: ReportData['samples'] = [];
  for (const [id, { manifest, folder: files }] of artifacts) {
    const has = (name: string) => manifest.files.some(({ path }) => path === name);
    if (has('answers.jsonl')) answers.set(id, await readAllJsonl(join(files, 'answers.jsonl'), Answer));
    if (id === 'questions')
      for (const { question_id, question } of await readLines(join(files, 'questions.jsonl')))
        questions.set(question_id, question);
    if (has('losses.jsonl') && ['adapter', 'model'].includes(manifest.kind))
      losses.push({ stage: id, series: toSeries(await readLines(join(files, 'losses.jsonl'))) });
    if (has('samples.json'))
      samples = JSON.parse(await readFile(join(files, 'samples.json'), 'utf8')) as ReportData['samples'];
  }
  return {
    run,
    name: start?.event === 'build-start' ? start.recipe : run,
    recipe: JSON.parse(await readFile(join(folder, 'recipe.json'), 'utf8').catch(() => 'null')),
    outcome: end?.event === 'build-end' ? end.outcome : 'unfinished',
    digest: end?.event === 'build-end' ? end.digest : null,
    seconds: end?.event === 'build-end' ? end.elapsedMs / 1000 : 0,
    peakMemoryBytes: end?.event === 'build-end' ? end.peakMemoryBytes : null,
    startedAt: start?.at ?? 0,
    stages,
    gates: events.flatMap((event) => (event.event === 'gate-judged' ? [event] : [])),
    losses,
    answers,
    questions,
    samples,
    spend: createLedger(0, join(folder, 'ledger.jsonl')).summary(),
  };
}

type Line = { question_id: string; question: string; step: number; kind: string; loss: number };

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function toSeries(lines: readonly Line[]): Series[] {
  return ['train', 'validation'].map((kind) => ({
    name: kind,
    points: lines.filter((line) => line.kind === kind).map(({ step, loss }) => ({ x: step, y: loss })),
  }));
}
