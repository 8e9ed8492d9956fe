import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';

/** The graph fills these in from `repair` of the recipe. */
export const TargetOptions = z.strictObject({
  clusters: z.int().positive().nullable().describe('Most clusters, the largest first; null: all.'),
  questions: z.int().positive().describe('New questions of the kind of each cluster.'),
  split: z.enum(['train', 'test']).describe('`test` questions share no fact with `train` ones.'),
  unseenShare: z.number().min(0).max(1).describe('Share in wordings that training never sees.'),
  writer: Teacher.nullable().describe('Writes questions that no generator makes; null: nobody does.'),
  unused: z
    .boolean()
    .describe('Whether training examples of domains of one’s own may be drawn, which the model was not trained on.'),
  ownShare: z
    .number()
    .gt(0)
    .max(1)
    .describe('Most of those examples of a domain that may be drawn: others are to be learned.'),
  round: z.int().positive().describe('Each round draws questions of its own.'),
});
export type TargetOptions = z.infer<typeof TargetOptions>;
