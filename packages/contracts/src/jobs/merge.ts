import { z } from 'zod';

/**
 * Merges an adapter into its full-precision base and proves it. Inputs `model`, `adapter`, `rows` (texts to prove it on).
 * Output: HF folder in the precision of the base, and `proof.json`. Facts, of the next-token distributions at `positions` fixed
 * positions, KL divergences in nats:
 *
 * - `effect`: base + adapter, at its strength, from the base alone.
 * - `mergeError`: distance of the merge in f32 from base + adapter, as a share of the adapter's effect on the logits.
 * - `rounding`: the written model, read back, from the merge in f32; `agreement`: share of positions with the same top token.
 * - `roundingToNearest`, `roundingNoise`: the merge rounded to nearest and at random to that precision, from the merge in f32. The
 *   one with the smaller divergence is written; `atRandom` says which.
 * - With the input `prose`, a text file: `proseLossOfBase` and `proseLoss`, mean cross-entropy of base and written model in nats a token
 *   over `proseWindows` windows, and `proseError`, the standard error of their mean difference.
 * - `lossOfBase`, `lossInF32`, `loss`: mean cross-entropy of base, merge and written model.
 */
export const MergeOptions = z.strictObject({
  strength: z
    .number()
    .gt(0)
    .lte(1)
    .default(1)
    .describe(
      'Share of the adapter’s change that is merged. Less than 1 gives up some of what was learned and keeps more of what the model knew before (WiSE-FT, Wortsman et al. 2022).',
    ),
  proseTokens: z.int().min(512).default(4096).describe('Most tokens that are read of the prose, where there is one.'),
  proofRows: z.int().positive().default(16).describe('Rows on which the merge is proven.'),
});
export type MergeOptions = z.infer<typeof MergeOptions>;
