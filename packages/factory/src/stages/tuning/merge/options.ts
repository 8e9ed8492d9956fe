import { MergeOptions } from '@cogumi/contracts';
import { z } from 'zod';

/** The options of the job, and the limits of the gates. */
export const MergeStageOptions = MergeOptions.extend({
  tolerance: z
    .number()
    .positive()
    .default(0.5)
    .describe('Largest difference of a logit between the merged model and base + adapter.'),
  floor: z
    .number()
    .positive()
    .default(1e-3)
    .describe('Smallest mean absolute difference of the logits from the base. Below it the adapter changes nothing.'),
});
export type MergeStageOptions = z.infer<typeof MergeStageOptions>;
