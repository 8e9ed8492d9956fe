import { z } from 'zod';
import { EpochOptions, LoopOptions } from './loop.ts';

/**
 * An adapter (LoRA, rsLoRA, DoRA) on a frozen full-precision base; loss on answers only. Inputs: `model` (HF folder),
 * `rows` and `validation` (JSONL of Row), optionally `tokens` (folder to keep tokenized rows in, for other jobs too) and `adapter`
 * (PEFT folder to go on from, with its rank, alpha and targets). Output: a PEFT adapter folder and `losses.jsonl`. A quantized base is
 * refused (`QUANTIZED_BASE`).
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

/** Options of the job: also meta-learning, which recipes do not offer: benchmarks/meta says why. */
export const TrainJobOptions = TrainOptions.extend({
  objective: z
    .enum(['supervised', 'reptile', 'fomaml', 'anil'])
    .default('supervised')
    .describe(
      '`supervised`: rows of all kinds together; the others make a start that is to learn a new kind from few examples (Reptile, first-order MAML, ANIL). Losses of validation are those of the start.',
    ),
  episodesOf: z
    .enum(['domain', 'source'])
    .default('domain')
    .describe('Field of a row by which rows are of one kind; an episode has rows of one kind.'),
  episodesPerStep: z
    .int()
    .positive()
    .default(4)
    .describe('Episodes that share `batchTokens` and give one optimizer step.'),
  innerSteps: z
    .int()
    .positive()
    .default(3)
    .describe('Steps on one part of an episode after another before its last part is read.'),
  innerRate: z.number().positive().default(0.3).describe('Rate of the inner steps, which are of plain descent.'),
});
export type TrainJobOptions = z.infer<typeof TrainJobOptions>;
