import { z } from 'zod';

/**
 * Merges an adapter into its full-precision base and proves it. Inputs `model`, `adapter`, `rows` (prompts to prove it
 * on). Output: HF folder and `proof.json`. Facts: `maxAbsoluteDifference` (logits, merged vs base+adapter),
 * `differenceFromBase` (mean absolute, merged vs base), `greedyAgreement`.
 */
export const MergeOptions = z.strictObject({
  proofRows: z.int().positive().default(16).describe('Rows on which the merge is proven.'),
});
export type MergeOptions = z.infer<typeof MergeOptions>;
