import { MergeOptions } from '@cogumi/contracts';
import { z } from 'zod';

/** The options of the job, and the limit of its gate. */
export const MergeStageOptions = MergeOptions.extend({
  tolerance: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe("Largest share of the adapter's effect on the logits that the merge may lose, in f32."),
});
export type MergeStageOptions = z.infer<typeof MergeStageOptions>;
