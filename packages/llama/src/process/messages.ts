import type { RouterWeights } from '@cogumi/contracts';
import type { LoadOptions } from '../binding/model.ts';
import type { QuantizeOptions } from '../binding/quantize-in-process.ts';
import type { ErrorMessage } from '../errors.ts';
import type { Completion, GeneratePiece, GenerateRequest, Inspection, ProbeOptions } from '../types/answers.ts';
import type { Decisions, Measured, Speculate } from '../types/decisions.ts';
import type { MemoryNeed, ModelInfo, ModelStatistics } from '../types/model.ts';
import type { Tuned } from './tune-threads.ts';

/** Threads that a model begins with, and the passes whose number follows the load of the machine. */
export interface ThreadChoice {
  readonly start: number | 'measured';
  /** How many a file of this size gets while they are not measured. */
  readonly bySize: number;
  readonly tuned: Tuned;
}

/** The draft model of a model: what differs from the model itself. */
export interface DraftOptions {
  readonly modelPath: string;
  readonly threads: ThreadChoice;
  /** Tokens of every draft; null: as many as pay. */
  readonly tokens: number | null;
}

/** What was measured while nothing was asked, and what is still to be. */
export interface Found {
  readonly decided: Decisions;
  /** False: how many threads are fastest was measured while other work wanted the cores, so it says nothing of another day. */
  readonly lasting: boolean;
  readonly unmeasured: readonly Measured[];
}

/** What a model is opened with. */
export interface OpenCommand {
  readonly options: LoadOptions;
  readonly threads: ThreadChoice;
  readonly mixing: boolean | 'measured';
  readonly speculate: Speculate;
  readonly draft: DraftOptions | null;
  readonly router: RouterWeights | undefined;
  readonly measure: 'load' | 'idle';
  readonly decided: Decisions;
}

/** A message from the parent to the model's process. Every reply carries its `id`. */
export type Command = { readonly id: number } & (
  | ({ readonly kind: 'open' } & OpenCommand)
  | { readonly kind: 'predict'; readonly options: LoadOptions; readonly draft: DraftOptions | null }
  | { readonly kind: 'add-adapter'; readonly name: string; readonly path: string }
  | { readonly kind: 'quantize'; readonly options: QuantizeOptions }
  | { readonly kind: 'tokenize'; readonly text: string; readonly special: boolean; readonly addBos: boolean }
  | { readonly kind: 'detokenize'; readonly ids: readonly number[]; readonly special: boolean }
  | { readonly kind: 'generate'; readonly request: GenerateRequest }
  | { readonly kind: 'complete-all'; readonly requests: readonly GenerateRequest[]; readonly shared: boolean }
  | { readonly kind: 'cancel'; readonly target: number }
  | {
      readonly kind: 'inspect';
      readonly prompts: readonly (readonly number[])[];
      readonly cacheSalt: string | undefined;
    }
  | {
      readonly kind: 'read-layers';
      readonly prompts: readonly (readonly number[])[];
      readonly layers: readonly number[];
    }
  | ({ readonly kind: 'probe'; readonly tokens: readonly number[] } & ProbeOptions)
  | {
      readonly kind: 'logits';
      readonly tokens: readonly number[];
      readonly adapter: string | null;
      readonly from: number;
      readonly shared: boolean;
    }
  | { readonly kind: 'statistics' }
);

type Result =
  | ModelInfo
  | ModelStatistics
  | MemoryNeed
  | number[]
  | string
  | number
  | Completion[]
  | Inspection[]
  | Float32Array
  | Float32Array[][]
  | null;

/** A message from the model's process to the parent. `decided`: what was measured while nothing was asked; it answers the command `open`. */
export type Reply = { readonly id: number } & (
  | { readonly kind: 'result'; readonly value: Result }
  | { readonly kind: 'piece'; readonly piece: GeneratePiece }
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'decided'; readonly value: Found }
  | { readonly kind: 'error'; readonly error: ErrorMessage }
);
