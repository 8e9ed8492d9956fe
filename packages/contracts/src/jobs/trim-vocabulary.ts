import { z } from 'zod';

/**
 * Removes the tokens that the rows do not need. Inputs `model`, `rows` (what is counted), `heldOut` (what is measured). Output: HF folder,
 * `curve.json` (sizes with their coverage, as a whole and by source) and `kept.json` (the ids that stayed). Facts: `vocabulary`,
 * `vocabularyBefore` (tokens), `coverage` (share of the held-out tokens that stay), `heldOutTokens`, `bitsPerByte`, `bitsPerByteBefore`,
 * `bitsError` (standard error of their ratio), `proofTexts`, `roundTrips`, `texts`, `sameTokens`, `keptTexts`, `logitError`,
 * `parameters`, `architecture`.
 */
export const TrimVocabularyOptions = z.strictObject({
  size: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Tokens that stay at most. null: as few as `coverage` allows on the held-out rows.'),
  coverage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.995)
    .describe('Least share of the held-out tokens, in the whole vocabulary, that stays; below it the step is undone.'),
  rows: z.int().positive().default(10_000).describe('Rows whose tokens are counted.'),
  proofRows: z.int().positive().default(64).describe('Held-out rows on which bits per byte are measured.'),
});
export type TrimVocabularyOptions = z.infer<typeof TrimVocabularyOptions>;
