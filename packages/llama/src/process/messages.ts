import type { QuantizeOptions } from '../binding/quantize-here.ts';
import type { ErrorMessage } from '../errors.ts';
import type { Completion, GeneratePiece, GenerateRequest, Inspection, ModelInfo, OpenModelOptions } from '../types.ts';

/** What the parent asks the model's process; `id` comes back with every answer. */
export type Ask = { readonly id: number } & (
  | { readonly kind: 'open'; readonly options: OpenOptions }
  | { readonly kind: 'add-adapter'; readonly name: string; readonly path: string }
  | { readonly kind: 'quantize'; readonly options: QuantizeOptions }
  | { readonly kind: 'tokenize'; readonly text: string; readonly special: boolean; readonly addBos: boolean }
  | { readonly kind: 'detokenize'; readonly ids: readonly number[]; readonly special: boolean }
  | { readonly kind: 'generate'; readonly request: GenerateRequest }
  | { readonly kind: 'complete-all'; readonly requests: readonly GenerateRequest[] }
  | { readonly kind: 'cancel'; readonly target: number }
  | { readonly kind: 'inspect'; readonly prompts: readonly (readonly number[])[] }
  | { readonly kind: 'logits'; readonly tokens: readonly number[]; readonly adapter: string | null }
  | { readonly kind: 'memory' }
);

export type OpenOptions = Omit<OpenModelOptions, 'signal'> & { readonly threads: number; readonly sequences: number };

type Result = ModelInfo | number[] | string | number | Completion[] | Inspection[] | Float32Array | null;

export type Answer = { readonly id: number } & (
  | { readonly kind: 'result'; readonly value: Result }
  | { readonly kind: 'piece'; readonly piece: GeneratePiece }
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'error'; readonly error: ErrorMessage }
);
