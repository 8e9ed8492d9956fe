import type { ArtifactKind, Domain, Gate, Teacher } from '@cogumi/contracts';
import type { ExpectedRequests } from '@cogumi/teachers';
import type { z } from 'zod';
import type { ModelSize } from '../artifacts/model-size.ts';
import type { StageContext } from './context.ts';

type Json = z.core.util.JSONType;

/** Questions that a plan expects of one domain and split. */
export interface ExpectedQuestions {
  readonly domain: Domain;
  readonly split: 'train' | 'test';
  readonly count: number;
  /** Whether generators made them, whose teachers know the answers. */
  readonly generated: boolean;
  /** The teacher who has to judge each answer; null: no request is made for it. */
  readonly judge: Teacher | null;
  /** Whether it also compares the answers of two models in pairs; left out: no. */
  readonly pairs?: boolean;
}

/** How much work a stage has. A plan derives time and size from it, and a sample is extrapolated by it. */
export interface Workload {
  readonly items: number;
  /** Number of items in the result, for the stages that read it; default: `items`. */
  readonly gives?: number;
  readonly unit: string;
  /** Time that does not grow with the items. */
  readonly fixedSeconds: number;
  /** Seconds an item on the machine the constant was measured on (2 slow cores); replaced by what a store has seen. */
  readonly secondsPerItem: number;
  /** Expected size of the artifact. */
  readonly bytes: number;
  /** Of what it fetches into the cache of the hub first; left out: nothing. */
  readonly downloadBytes?: number;
  /** Most bytes on disk while it runs, beside the artifact; removed when it ends. Left out: none. */
  readonly workBytes?: number;
  /** Most memory of the engine and of the models that llama.cpp loads; left out: none beside the build itself. */
  readonly memory?: { readonly engine?: number; readonly models?: number };
  /** The model that comes out, or that an adapter or a GGUF file was made from: what later stages scale with. */
  readonly model?: ModelSize | undefined;
  /** Requests to teachers. A teacher without requests needs no API key. */
  readonly asks?: readonly ExpectedRequests[];
  /** Of a stage that gives questions: which, for those that ask them. */
  readonly questions?: readonly ExpectedQuestions[];
}

/** What is known of a file or folder from outside the store before anything runs. */
export interface SourceSize {
  /** Left out for a folder. */
  readonly bytes?: number;
  /** For a model. */
  readonly model?: ModelSize;
  /** Of what lies on the hub and is not in its cache yet. */
  readonly downloadBytes?: number;
}

/** Bytes that the sources of a stage take to fetch. */
export function downloadBytesOf(sources: Readonly<Record<string, SourceSize>>): number {
  return Object.values(sources).reduce((sum, { downloadBytes = 0 }) => sum + downloadBytes, 0);
}

export interface StageResult {
  readonly gates: readonly Gate[];
  /** Figures that later stages and the report read; equal runs give equal facts. */
  readonly facts: Readonly<Record<string, Json>>;
  /** Number of items, if the workload could only estimate it. */
  readonly items?: number;
  /** Why there was nothing to do. The stages that need this result are skipped as well. */
  readonly skipped?: string;
}

/** Input name to the kind of artifact it takes; a name ending in `?` may be absent, in `.*` stands for any number (`a.1`). */
export type StageInputs = Readonly<Record<string, ArtifactKind | 'any'>>;

/**
 * `engine`: the versions of the engine's libraries and the kind of device. `llama`: the release of llama.cpp. `teachers`: the
 * procedural generators and their checks.
 */
export type CacheInput = 'engine' | 'llama' | 'teachers';

/** A stage: a verb with typed inputs, output and options. Its folder under `stages/` is named as it is. */
export interface Stage<
  Options = unknown,
  Inputs extends StageInputs = StageInputs,
  Output extends ArtifactKind = ArtifactKind,
> {
  readonly name: string;
  /** Raise it when the same input gives a different output, so that cached results no longer match. */
  readonly version: number;
  readonly inputs: Inputs;
  readonly output: Output;
  readonly options: z.ZodType<Options>;
  /** What the result depends on besides options, inputs and the stage's code. Their releases are part of the key. */
  readonly cacheInputs: readonly CacheInput[];
  /**
   * Codes of errors that say: this cannot be done with this model or these rows. An optional step that ends so is taken back; every
   * other error ends the build. Left out: none.
   */
  readonly refuses?: readonly string[];
  /** Whether it runs as well where a gate of what it reads failed, because it is what explains the failure. Left out: it does not. */
  readonly readsFailed?: boolean;
  /** Whether a new run continues in the `.partial` folder of a killed one; otherwise the folder is cleared. */
  readonly resumable: boolean;
  /**
   * Names of the gates that it may report; one that ends in `*` stands for every name that begins so. Left out: it has none.
   *
   * @param inputs - Names of the inputs that it has at this place of the graph.
   */
  gateNames?(options: Options, inputs: readonly string[]): readonly string[];
  /**
   * @param inputs - Workloads of the stages it reads from, by input name.
   * @param sources - Sizes of what it is given from outside the store, by name.
   * @throws CogumiError for options that these inputs cannot take: nothing has run yet.
   */
  workload(
    options: Options,
    inputs: Readonly<Record<string, Workload>>,
    sources: Readonly<Record<string, SourceSize>>,
  ): Workload;
  /** The same options for at most `items` items a domain and stage; left out: a sample runs the stage as it is. */
  sample?(options: Options, items: number): Options;
  run(context: StageContext<Options>): Promise<StageResult>;
}

/** Infers the types of a stage. A stage is nothing but this value. */
export function defineStage<Options, const Inputs extends StageInputs, const Output extends ArtifactKind>(
  stage: Stage<Options, Inputs, Output>,
): Stage<Options, Inputs, Output> {
  return stage;
}
