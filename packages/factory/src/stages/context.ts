import type { ArtifactManifest, JobName, Message } from '@cogumi/contracts';
import type { ModelHost, Speculate } from '@cogumi/llama';
import type { Random } from '@cogumi/pure';
import type { TeacherPool } from '@cogumi/teachers';
import type { z } from 'zod';

/** Tokens of context of the models that stages load, a sequence: questions and answers are far shorter (chosen). The whole context of
 * a long-context model would take gigabytes a sequence. */
export const CONTEXT_TOKENS = 2048;

export interface InputArtifact {
  readonly manifest: ArtifactManifest;
  /** Absolute path of one of its files. */
  path(file: string): string;
  /** `sha256:…` of one of its files, from the manifest. @throws RangeError if there is no such file. */
  digest(file: string): string;
  readonly folder: string;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly note?: string;
}

/** A bundle behind its own HTTP server. */
export interface ServedBundle {
  readonly digest: string;
  /** The greedy answer, and the route that the bundle chose. */
  ask(messages: readonly Message[]): Promise<{ answer: string; route: string }>;
  close(): Promise<void>;
}

/** Everything that a stage may use. */
export interface StageContext<Options> {
  readonly options: Options;
  /** Files and folders outside the store, by name. Their hashes are part of the key. */
  readonly sources: Readonly<Record<string, string>>;
  input(name: string): InputArtifact;
  optionalInput(name: string): InputArtifact | null;
  /** Every input whose name starts with `prefix.`, by the rest of the name, in the order of the graph. */
  inputsUnder(prefix: string): ReadonlyMap<string, InputArtifact>;
  /** The folder to fill. `checkpoint/` and `work/` inside it are not part of the result. */
  readonly output: string;
  readonly seed: number;
  readonly random: Random;
  readonly threads: number;
  /**
   * Runs an engine job that writes to `output`. Default options: those of the stage. Its progress, metrics and warnings are
   * forwarded.
   */
  runJob(
    job: JobName,
    inputs: Readonly<Record<string, string>>,
    options?: Readonly<Record<string, unknown>>,
    output?: string,
  ): Promise<Record<string, z.core.util.JSONType>>;
  /** Loads a GGUF model in a separate process, which is closed when the stage ends. */
  openModel(options: {
    modelPath: string;
    adapters?: Record<string, string>;
    contextTokens?: number;
    sequences?: number;
    /** Outputs of layers are read. */
    layers?: boolean;
    /** `measured`: what is fastest on this machine now, as for a server. Default: a number that gives equal results each time. */
    threads?: 'measured' | 1;
    /** So many models work at once; each gets its part of the threads. Default: 1. */
    sideBySide?: number;
    speculate?: Speculate;
    draftPath?: string;
    draftTokens?: number;
  }): Promise<ModelHost>;
  readonly teacherPool: TeacherPool;
  readonly signal: AbortSignal;
  /** Serves a bundle as a user would, in a separate process, which is closed when the stage ends. */
  serveBundle(path: string): Promise<ServedBundle>;
  progress(progress: Progress): void;
  metric(name: string, step: number, value: number): void;
  warn(message: string): void;
}
