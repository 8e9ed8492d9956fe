import { z } from 'zod';
import { LoopOptions } from './loop.ts';

/**
 * A small Llama from nothing. Input `rows`: JSONL of Row and TextRow; `validation`: the same. Output: HF folder
 * (`config.json`, `model.safetensors` in bf16, `tokenizer.json`, chat template) and `losses.jsonl`.
 */
export const PretrainOptions = z.strictObject({
  ...LoopOptions,
  vocabularySize: z.int().min(300).default(2048),
  hiddenSize: z.int().multipleOf(256).default(256).describe('k-quants and group-128 need multiples of 256.'),
  layers: z.int().positive().default(4),
  heads: z.int().positive().default(4),
  keyValueHeads: z.int().positive().default(2),
  feedForwardSize: z.int().multipleOf(256).default(768),
  ropeTheta: z.number().positive().default(10_000).describe('Lower sees neighbours apart sooner, higher sees farther.'),
  contextTokens: z.int().positive().default(1024),
  steps: z.int().positive(),
  optimizer: LoopOptions.optimizer.unwrap().default('muon'),
  order: LoopOptions.order.unwrap().default('file'),
  learningRate: LoopOptions.learningRate.default(3e-3),
  promptLossWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Weight of the tokens of a question; answers and running text weigh 1.'),
});
export type PretrainOptions = z.infer<typeof PretrainOptions>;
