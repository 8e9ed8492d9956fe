import type { QuantizeOptions } from './quantize-here.ts';
import type { GeneratePiece, GenerateRequest, Inspection, ModelInfo, OpenModelOptions } from './types.ts';

/** What the parent asks the model's process; `id` comes back with every answer. */
export type Ask = { readonly id: number } & (
  | {
      readonly kind: 'open';
      readonly options: Omit<OpenModelOptions, 'signal'> & { threads: number; sequences: number };
    }
  | { readonly kind: 'quantize'; readonly options: QuantizeOptions }
  | { readonly kind: 'tokenize'; readonly text: string; readonly special: boolean }
  | { readonly kind: 'detokenize'; readonly ids: readonly number[]; readonly special: boolean }
  | { readonly kind: 'generate'; readonly request: GenerateRequest }
  | { readonly kind: 'cancel'; readonly target: number }
  | { readonly kind: 'inspect'; readonly prompts: readonly (readonly number[])[] }
  | { readonly kind: 'logits'; readonly tokens: readonly number[] }
);

export type Answer = { readonly id: number } & (
  | { readonly kind: 'result'; readonly value: ModelInfo | number[] | string | Inspection[] | Float32Array | null }
  | { readonly kind: 'piece'; readonly piece: GeneratePiece }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly hint: string }
);
