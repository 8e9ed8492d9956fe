import { z } from 'zod';

/**
 * Merges an adapter into its full-precision base and proves it. Inputs `model`, `adapter`, `rows` (prompts to prove it
 * on). Output: HF folder and `proof.json`. Facts: `maxAbsoluteDifference` (logits, merged vs base+adapter),
 * `differenceFromBase` (mean absolute, merged vs base), `greedyAgreement`.
 */
export const FuseOptions = z.strictObject({
  proofRows: z.int().positive().default(16).describe('Rows on which the merge is proven.'),
  tolerance: z.number().positive().default(0.5).describe('Largest absolute difference of a logit after the merge.'),
  floor: z
    .number()
    .positive()
    .default(1e-3)
    .describe('Least mean absolute difference from the base: below it the adapter is dead (`DEAD_ADAPTER`).'),
});
export type FuseOptions = z.infer<typeof FuseOptions>;
