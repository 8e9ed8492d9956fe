import { z } from 'zod';
import { EpochOptions, LoopOptions } from './loop.ts';

/**
 * An adapter (LoRA, rsLoRA, DoRA) on a frozen full-precision base; loss on answers only. Inputs: `model` (HF folder),
 * `rows` and `validation` (JSONL of Row), optionally `tokens` (folder to keep tokenized rows in, for other jobs too).
 * Output: a PEFT adapter folder and `losses.jsonl`. A quantized base is refused (`QUANTIZED_BASE`).
 */
export const TrainOptions = z.strictObject({
  ...LoopOptions,
  adapter: z
    .enum(['lora', 'rslora', 'dora'])
    .default('lora')
    .describe(
      '`lora`; `rslora`: scaled by alpha / √rank, for high ranks; `dora`: with a learned magnitude per output, which only a merged model can be served with, so not for a modifier.',
    ),
  rank: z.int().positive().max(4096).default(64).describe('Width of the adapter’s two matrices.'),
  alpha: z.number().positive().default(64).describe('The adapter is scaled by alpha / rank.'),
  dropout: z.number().min(0).lt(1).default(0).describe('Share of the adapter’s inputs that are zeroed in training.'),
  targets: z
    .union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)])
    .default('all-linear')
    .describe('Layers to adapt: `all-linear` (all but the output head) or a list of names, e.g. `[q_proj, v_proj]`.'),
  ...EpochOptions,
  learningRate: LoopOptions.learningRate.default(2e-4),
});
export type TrainOptions = z.infer<typeof TrainOptions>;
