import { z } from 'zod';

/** What every training job shares: one loop serves them all, a job adds its loss and its parameters. */
export const LoopOptions = {
  learningRate: z.number().positive().describe('Peak of the cosine schedule.'),
  warmupFraction: z.number().min(0).max(1).default(0.03).describe('Share of the steps in which the rate rises.'),
  finalFraction: z.number().min(0).max(1).default(0.1).describe('Share of the peak rate that is left at the end.'),
  optimizer: z
    .enum(['adamw', 'muon'])
    .default('adamw')
    .describe('`muon`: for the matrices between embedding and head, AdamW for the rest.'),
  weightDecay: z.number().min(0).default(0).describe('Decoupled decay of matrices; vectors have none.'),
  gradientClip: z.number().positive().default(1).describe('Largest L2 norm of all gradients together.'),
  batchTokens: z.int().positive().default(8192).describe('Most tokens of one optimizer step, padding apart.'),
  maxRowTokens: z.int().positive().default(512).describe('A longer row is left out and counted, never cut.'),
  batching: z
    .enum(['pack', 'group'])
    .default('group')
    .describe('`pack`: rows end to end with separate attention and positions; `group`: rows of like length, padded.'),
  order: z
    .enum(['random', 'file'])
    .default('random')
    .describe('`random`: shuffled anew each epoch; `file`: as the rows stand, for a set that builds up.'),
  checkpointEverySteps: z.int().positive().default(200).describe('How much work a kill can cost.'),
  validateEverySteps: z.int().positive().default(100).describe('How often the loss on held-back rows is measured.'),
  patience: z.int().nonnegative().default(0).describe('Validations without gain before training stops; 0: never.'),
  gradientCheckpointing: z.boolean().default(false).describe('Less memory for about a third more time.'),
  precision: z
    .enum(['auto', 'bf16', 'f32'])
    .default('auto')
    .describe('`auto`: bf16 where the device computes it natively.'),
};
