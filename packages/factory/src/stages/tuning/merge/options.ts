import { MergeOptions } from '@cogumi/contracts';
import { z } from 'zod';

/** The job's options, and what its figures are judged by. */
export const MergeStageOptions = MergeOptions.extend({
  tolerance: z.number().positive().default(0.5).describe('Largest absolute difference of a logit after the merge.'),
  floor: z
    .number()
    .positive()
    .default(1e-3)
    .describe('Least mean absolute difference from the base: below it the adapter is dead.'),
});
export type MergeStageOptions = z.infer<typeof MergeStageOptions>;
