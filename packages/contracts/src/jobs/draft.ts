import { z } from 'zod';
import { EpochOptions, LoopOptions } from './loop.ts';

/**
 * A draft model: some layers of a model with its embeddings and head, trained to predict what the whole model predicts (KL divergence
 * of all tokens of the vocabulary). Inputs: `model` (HF folder), `rows` and `validation` (JSONL of Row), optionally `tokens`.
 * Output: HF folder and `losses.jsonl`. Facts: `kept` (layer numbers of the model), `layers`, `parameters`, `architecture`, and of
 * held-out rows `overlap` (mean Σ min(p, q): the probability that a sampled guess is accepted) and `agreement` (share of equal
 * likeliest tokens).
 */
export const DraftOptions = z.strictObject({
  ...LoopOptions,
  layers: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Decoder layers that stay: the first, the last, and others at equal distances. null: a quarter of them.'),
  ...EpochOptions,
  learningRate: LoopOptions.learningRate.default(5e-4),
});
export type DraftOptions = z.infer<typeof DraftOptions>;
