import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ArtifactKind, type Gate, PROCEDURAL_TEACHERS } from '@cogumi/contracts';
import { type ModelHost, openModel } from '@cogumi/llama';
import { createRandom, hashJson } from '@cogumi/pure';
import { type OpenTeacherPool, openTeacherPool, type TeacherPool, TeachersOptions } from '@cogumi/teachers';
import { onTestFinished } from 'vitest';
import { type Artifact, openStore, type Store } from '../artifacts/store.ts';
import type { Engine } from '../engine/index.ts';
import type { Progress, StageContext } from '../stages/context.ts';
import { refuseUndeclaredGates } from '../stages/gate-names.ts';
import { inputArtifact, inputsUnder } from '../stages/input-artifact.ts';
import type { Stage, StageResult } from '../stages/stage.ts';

/** What a file of an input holds; a list is written as JSONL. */
type Content = string | Uint8Array | readonly object[];

/** An input that the test writes; it becomes a real artifact with a manifest. */
export interface TestInput {
  readonly files?: Readonly<Record<string, Content>>;
  /** A folder whose content is copied in, e.g. a model. */
  readonly folder?: string;
  readonly facts?: Artifact['manifest']['facts'];
  readonly gates?: readonly Gate[];
  /** Name of the stage that made it. */
  readonly stage?: string;
  /** For an input that takes any kind. */
  readonly kind?: ArtifactKind;
}

export interface StageGiven {
  /** Completed and checked by the stage's schema. */
  readonly options?: unknown;
  /** By input name; the artifact of another stage's run may be passed on. */
  readonly inputs?: Readonly<Record<string, TestInput | Artifact>>;
  readonly sources?: Readonly<Record<string, string>>;
  readonly seed?: number;
  /** Runs the stage's jobs; see `testEngine`. */
  readonly engine?: Engine;
  /** Default: the procedural teachers. */
  readonly teacherPool?: TeacherPool;
  readonly serveBundle?: StageContext<unknown>['serveBundle'];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Where everything is written. Default: a temporary folder that is removed when the test finishes. */
  readonly folder?: string;
}

/** A context and what the stage reports through it. */
export interface TestContext<Options> {
  readonly context: StageContext<Options>;
  readonly progress: readonly Progress[];
  readonly metrics: readonly { readonly name: string; readonly step: number; readonly value: number }[];
  readonly warnings: readonly string[];
  /** Makes the output folder an artifact, as a build does. */
  finish(result: StageResult): Promise<Artifact>;
}

/** Threads of jobs and models: few, because tests run side by side. */
const THREADS = 1;

/**
 * Makes the context in which a build would run the stage: real files in a store of its own, inputs by their manifests, the real
 * llama.cpp, and the real engine where one is given.
 *
 * @throws RangeError for an input that the stage does not declare.
 */
export async function stageContext<Options>(
  stage: Stage<Options>,
  given: StageGiven = {},
): Promise<TestContext<Options>> {
  const { seed = 1, engine, signal = new AbortController().signal, sources = {} } = given;
  const folder = given.folder ?? temporaryFolder(stage.name);
  const store = await openStore(join(folder, 'store'));
  const inputs = new Map<string, ReturnType<typeof inputArtifact>>();
  for (const [name, input] of Object.entries(given.inputs ?? {})) {
    inputs.set(
      name,
      inputArtifact('manifest' in input ? input : await makeArtifact(store, name, kindOf(stage, name, input), input)),
    );
  }
  const key = keyOf(`output of ${stage.name}`);
  const output = await store.begin(key, false);
  const progress: Progress[] = [];
  const metrics: { name: string; step: number; value: number }[] = [];
  const warnings: string[] = [];
  const tell: StageContext<Options>['progress'] = (at) => {
    progress.push(at);
    given.onProgress?.(at);
  };
  const options = stage.options.parse(given.options ?? {});
  let pool: TeacherPool | undefined = given.teacherPool;

  const context: StageContext<Options> = {
    options,
    sources,
    input: (name) => {
      const found = inputs.get(name);
      if (!found) throw new RangeError(`stage ${stage.name} has no input "${name}"`);
      return found;
    },
    optionalInput: (name) => inputs.get(name) ?? null,
    inputsUnder: (prefix) => inputsUnder(prefix, inputs),
    output,
    seed,
    random: createRandom(`${seed}/${stage.name}`),
    threads: THREADS,
    get teacherPool() {
      pool ??= proceduralPool(seed);
      return pool;
    },
    runJob: async (job, jobInputs, jobOptions = options as Record<string, unknown>, into = output) => {
      if (!engine) throw new Error(`${stage.name} runs the job \`${job}\`: give its context an engine (testEngine()).`);
      return engine.run(
        { job, inputs: { ...jobInputs }, options: { ...jobOptions }, output: into, seed },
        {
          signal,
          onEvent: (event) => {
            if (event.event === 'progress') tell({ done: event.done, total: event.total, unit: event.unit });
            else if (event.event === 'metric') context.metric(event.name, event.step, event.value);
            else if (event.event === 'warning') context.warn(event.message);
          },
        },
      );
    },
    openModel: async ({ sideBySide: _, ...modelOptions }) => {
      const model: ModelHost = await openModel({ signal, contextTokens: 512, threads: THREADS, ...modelOptions });
      onTestFinished(() => model.close());
      return model;
    },
    serveBundle:
      given.serveBundle ??
      (() => Promise.reject(new Error(`${stage.name} serves a bundle: give its context \`serveBundle\`.`))),
    signal,
    progress: tell,
    metric: (name, step, value) => void metrics.push({ name, step, value }),
    warn: (message) => void warnings.push(message),
  };
  const finish = async ({ gates, facts, skipped }: StageResult) => {
    refuseUndeclaredGates(stage, { options, inputs: [...inputs.keys()], gates });
    return store.finish({
      key,
      kind: stage.output,
      stage: stage.name,
      stageVersion: stage.version,
      options: options as never,
      inputs: Object.fromEntries([...inputs].map(([name, { manifest }]) => [name, manifest.key])),
      engine: stage.cacheInputs.includes('engine') ? 'test' : null,
      gates: [...gates],
      facts: { ...facts },
      ...(skipped === undefined ? {} : { skipped }),
    });
  };
  return { context, progress, metrics, warnings, finish };
}

/** Runs a stage to its artifact. `path` names one of the artifact's files. */
export async function runStage<Options>(stage: Stage<Options>, given: StageGiven = {}) {
  const { context, finish, ...recorded } = await stageContext(stage, given);
  const result = await stage.run(context);
  const artifact = await finish(result);
  return { ...result, ...recorded, artifact, path: (file: string) => join(artifact.folder, file) };
}

/** Name to verdict of each gate. */
export function verdicts({ gates }: Pick<StageResult, 'gates'>): Record<string, Gate['verdict']> {
  return Object.fromEntries(gates.map(({ name, verdict }) => [name, verdict]));
}

async function makeArtifact(store: Store, name: string, kind: ArtifactKind, input: TestInput): Promise<Artifact> {
  const key = keyOf(name);
  const folder = await store.begin(key, false);
  if (input.folder !== undefined) await cp(input.folder, folder, { recursive: true });
  for (const [file, content] of Object.entries(input.files ?? {})) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Array.isArray(content) ? jsonl(content) : (content as string | Uint8Array));
  }
  const { stage = 'test', facts = {}, gates = [] } = input;
  return store.finish({
    ...{ key, kind, stage, facts, gates: [...gates] },
    ...{ stageVersion: 1, options: {}, inputs: {}, engine: null },
  });
}

let made = 0;
/** No two artifacts of a test file have one key. */
function keyOf(name: string): string {
  return hashJson({ name, number: made++ });
}

function jsonl(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** The declared kind of an input: `rows`, `against?` for one that may be absent, `modifier.*` for any number. */
function kindOf(stage: Pick<Stage<never>, 'name' | 'inputs'>, name: string, input: TestInput): ArtifactKind {
  const { inputs } = stage;
  const declared = inputs[name] ?? inputs[`${name}?`] ?? inputs[`${name.split('.')[0]}.*`];
  const kind = declared === 'any' ? input.kind : declared;
  if (kind) return kind;
  const why = declared
    ? 'takes any kind: say which'
    : `is not declared; it has ${Object.keys(inputs).join(', ') || 'none'}`;
  throw new RangeError(`stage ${stage.name}: input "${name}" ${why}`);
}

function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `cogumi-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function proceduralPool(seed: number): OpenTeacherPool {
  const pool = openTeacherPool({
    store: null,
    ...{ recipe: 'test', run: 'test', budget: 0, seed },
    teachers: [...PROCEDURAL_TEACHERS],
    options: TeachersOptions.parse({}),
    environment: {},
  });
  onTestFinished(() => pool.close());
  return pool;
}
