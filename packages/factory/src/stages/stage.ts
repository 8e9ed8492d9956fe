import type { ArtifactKind, Gate } from '@cogumi/contracts';
import type { ExpectedRequests } from '@cogumi/teachers';
import type { z } from 'zod';
import type { StageContext } from './context.ts';

type Json = z.core.util.JSONType;

/** How much there is to do, so that a plan can say how long it takes and a sample can be extrapolated. */
export interface Workload {
  readonly items: number;
  /** How many come out for those that read the result; left out: as many. */
  readonly gives?: number;
  readonly unit: string;
  /** Time that does not grow with the items. */
  readonly fixedSeconds: number;
  /** Seconds an item on the machine the constant was measured on (2 slow cores); replaced by what a store has seen. */
  readonly secondsPerItem: number;
  /** Expected size of the artifact. */
  readonly bytes: number;
  /** What teachers are asked. Whoever is asked nothing needs no key. */
  readonly asks?: readonly ExpectedRequests[];
}

export interface StageResult {
  readonly gates: readonly Gate[];
  /** Figures that later stages and the report read; equal runs give equal facts. */
  readonly facts: Readonly<Record<string, Json>>;
  /** How many items there were, where the workload could only guess. */
  readonly items?: number;
  /** Why there was nothing to do. What needs this result is skipped as well. */
  readonly skipped?: string;
}

/** Input name to the kind of artifact it takes; a name ending in `?` may be absent, in `.*` stands for any number (`a.1`). */
export type StageInputs = Readonly<Record<string, ArtifactKind | 'any'>>;

/**
 * `engine`: the engine's libraries and the kind of device; `llama`: the llama.cpp that is served with; `teachers`: what
 * the generators draw and how they judge.
 */
export type CacheInput = 'engine' | 'llama' | 'teachers';

/** A stage: a verb with typed inputs, output and options. Its folder under `stages/` is named as it is. */
export interface Stage<
  Options = unknown,
  Inputs extends StageInputs = StageInputs,
  Output extends ArtifactKind = ArtifactKind,
> {
  readonly name: string;
  /** Raise when the same input would give a different output, so that cached results stop matching. */
  readonly version: number;
  readonly inputs: Inputs;
  readonly output: Output;
  readonly options: z.ZodType<Options>;
  /** What the result depends on besides options, inputs and the stage's own code: its release is part of the key. */
  readonly cacheInputs: readonly CacheInput[];
  /** Whether a killed run's `.partial` folder is continued rather than cleared. */
  readonly resumable: boolean;
  /**
   * @param inputs - Workloads of the stages it reads from, by input name.
   * @param sourceBytes - Sizes of what it is given from outside the store, by name; a folder has none.
   */
  workload(
    options: Options,
    inputs: Readonly<Record<string, Workload>>,
    sourceBytes: Readonly<Record<string, number>>,
  ): Workload;
  /** The same options for at most `items` items a domain and stage; left out: a sample runs the stage as it is. */
  sample?(options: Options, items: number): Options;
  run(context: StageContext<Options>): Promise<StageResult>;
}

/** Gives a stage its types; there is nothing else to a stage than this value. */
export function defineStage<Options, const Inputs extends StageInputs, const Output extends ArtifactKind>(
  stage: Stage<Options, Inputs, Output>,
): Stage<Options, Inputs, Output> {
  return stage;
}
