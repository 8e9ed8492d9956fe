import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** How answers are drawn. */
export const SampleOptions = z.strictObject({
  samples: z.int().min(2).max(64).default(8).describe('Answers a question; the first is the likeliest one.'),
  temperature: z
    .number()
    .gt(0)
    .max(2)
    .default(0.7)
    .describe('Of the others (0.7: Wang et al. 2023, arXiv:2203.11171).'),
});
export type SampleOptions = z.infer<typeof SampleOptions>;

/** What the stage itself takes: the plan adds how answers are taken, and which domains count. */
export const SampleStageOptions = SampleOptions.extend({
  maxTokens: z.int().positive().default(96),
  sequences: z.int().positive().default(16),
  domains: z.array(Domain).nullable().default(null).describe('Only these; null: all there are.'),
});
