import { z } from 'zod';
import { LoopOptions } from './loop.ts';

/**
 * LoRA on a frozen full-precision base; loss on answers only. Inputs `model` (HF folder), `rows`, `validation` (JSONL
 * of Row). Output: a PEFT adapter folder and `losses.jsonl`. A quantized base is refused (`QUANTIZED_BASE`).
 */
export const TrainOptions = z.strictObject({
  ...LoopOptions,
  rank: z.int().positive().max(4096).default(64).describe('Width of the adapter’s two matrices.'),
  alpha: z.number().positive().default(64).describe('The adapter is scaled by alpha / rank.'),
  epochs: z.number().positive().default(3).describe('How often each row is seen; may be a fraction.'),
  maxSteps: z.int().positive().nullable().default(null).describe('Ends training early, schedule included.'),
  learningRate: LoopOptions.learningRate.default(2e-4),
});
export type TrainOptions = z.infer<typeof TrainOptions>;
