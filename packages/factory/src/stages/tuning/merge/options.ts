import { MergeOptions } from '@cogumi/contracts';
import { z } from 'zod';

/** The options of the job, and the limit of its gate. */
export const MergeStageOptions = MergeOptions.extend({
  prose: z
    .strictObject({ path: z.string().describe('Text file in UTF-8, of at least 512 tokens.') })
    .nullable()
    .default(null)
    .describe('Text that nothing is trained on, to measure what fine-tuning costs elsewhere; null: not measured.'),
  prosePerplexity: z
    .number()
    .min(1)
    .default(1.02)
    .describe("Largest perplexity on the prose, as a multiple of the base's."),
  tolerance: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe("Largest share of the adapter's effect on the logits that the merge may lose, in f32."),
});
export type MergeStageOptions = z.infer<typeof MergeStageOptions>;
