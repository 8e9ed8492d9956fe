import { z } from 'zod';
import { LoopOptions } from './loop.ts';

/**
 * A small Llama trained from random weights. Inputs: `rows` and `validation` (JSONL of Row and TextRow), optionally
 * `tokens` (folder to keep tokenized rows in). Output: HF folder (`config.json`, `model.safetensors` in bf16,
 * `tokenizer.json`, chat template) and `losses.jsonl`.
 */
export const PretrainOptions = z.strictObject({
  ...LoopOptions,
  vocabularySize: z.int().min(300).default(2048).describe('Entries of the tokenizer, which is trained on the rows.'),
  hiddenSize: z.int().multipleOf(256).default(256).describe('k-quants and group-128 need multiples of 256.'),
  layers: z.int().positive().default(4).describe('Transformer blocks.'),
  heads: z.int().positive().default(4).describe('Attention heads for queries.'),
  keyValueHeads: z.int().positive().default(2).describe('Attention heads for keys and values.'),
  feedForwardSize: z.int().multipleOf(256).default(768).describe('Width inside a feed-forward block.'),
  ropeTheta: z
    .number()
    .positive()
    .default(10_000)
    .describe('Base of the rotary positions: lower resolves near tokens better, higher reaches farther.'),
  contextTokens: z.int().positive().default(1024).describe('Longest input of the model.'),
  steps: z.int().positive().describe('Optimizer steps.'),
  optimizer: LoopOptions.optimizer
    .unwrap()
    .default('muon')
    .describe('`muon`: for the matrices between embedding and head, AdamW for the rest.'),
  order: LoopOptions.order
    .unwrap()
    .default('file')
    .describe('`random`: shuffled again in each epoch; `file`: in file order, for curriculum data.'),
  learningRate: LoopOptions.learningRate.default(3e-3),
  promptLossWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Weight of the tokens of a question; answers and running text weigh 1.'),
});
export type PretrainOptions = z.infer<typeof PretrainOptions>;
