import { z } from 'zod';

/** Options that every training job has: one loop serves them all, and a job adds its loss and its parameters. */
export const LoopOptions = {
  learningRate: z.number().positive().describe('Peak of the cosine schedule.'),
  warmupFraction: z.number().min(0).max(1).default(0.03).describe('Share of the steps in which the rate rises.'),
  finalFraction: z.number().min(0).max(1).default(0.1).describe('Rate at the end, as a share of the peak.'),
  optimizer: z
    .enum(['adamw', 'muon'])
    .default('adamw')
    .describe('`muon`: for the matrices between embedding and head, AdamW for the rest.'),
  weightDecay: z.number().min(0).default(0).describe('Decoupled decay of matrices; vectors have none.'),
  gradientClip: z.number().positive().default(1).describe('Largest L2 norm of all gradients together.'),
  batchTokens: z.int().positive().default(8192).describe('Most tokens of one optimizer step, padding not counted.'),
  microBatchTokens: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Most tokens of one forward and backward pass, padding included: it bounds memory and changes results by rounding only. A longer row is a pass of its own. null: as many as `batchTokens`.',
    ),
  maxRowTokens: z.int().positive().default(512).describe('A longer row is left out and counted, never truncated.'),
  batching: z
    .enum(['pack', 'group'])
    .default('group')
    .describe(
      '`pack`: rows end to end, each with its own attention and positions; `group`: rows of similar length, padded.',
    ),
  order: z
    .enum(['random', 'file'])
    .default('random')
    .describe('`random`: shuffled again in each epoch; `file`: in file order, for curriculum data.'),
  checkpointEverySteps: z
    .int()
    .positive()
    .default(200)
    .describe('Steps between checkpoints: the most work that a kill can cost.'),
  validateEverySteps: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Steps between measurements of the loss on held-out rows. null: ten in all, or as many as take a tenth of the time.',
    ),
  patience: z.int().nonnegative().default(0).describe('Validations without gain before training stops; 0: never.'),
  gradientCheckpointing: z.boolean().default(false).describe('Less memory for about a third more time.'),
  precision: z
    .enum(['auto', 'bf16', 'f32'])
    .default('auto')
    .describe('`auto`: bf16 where the device is faster with it, which is measured.'),
};

/** Options of a training job whose length is told in passes over the rows. */
export const EpochOptions = {
  epochs: z.number().positive().default(3).describe('Passes over the rows; may be a fraction.'),
  maxSteps: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Upper limit of optimizer steps; the schedule ends there too. null: `epochs` decides.'),
};
