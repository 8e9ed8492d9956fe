import { z } from 'zod';
import { LoopOptions } from './loop.ts';

/**
 * Removes the tokens that the rows do not need, and lets the model learn the words that are several tokens now. Inputs `model`, `rows`
 * (what is counted and learned), `heldOut` (what is measured). Output: HF folder, `curve.json` (sizes with their coverage, as a whole and
 * by source), `kept.json` (the ids that stayed) and `losses.jsonl`. Facts:
 *
 * - `vocabulary`, `vocabularyBefore`: tokens; `parameters`, `architecture`.
 * - `coverage`: share of the `heldOutTokens` that stay; `sources`: the same by source.
 * - `bitsPerByteBefore`, `bitsPerByteTrimmed`, `bitsPerByte`: of the whole vocabulary, of the smaller one, and of the model that is written,
 *   on `proofTexts` texts; `bitsError`: standard error of the last as a multiple of the first.
 * - `tried`: where the size was to be chosen, `size`, `coverage` and `bitsPerByte` (of the whole vocabulary's) of each, before tuning.
 * - `tuned`: whether what was learned is kept; `tunedTokens`: of how many tokens.
 * - `roundTrips` of `texts`, `sameTokens` of `keptTexts`, `logitError`: proofs, taken before anything is learned.
 */
export const TrimVocabularyOptions = z.strictObject({
  ...LoopOptions,
  size: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Tokens that stay at most. null: as few as `coverage` and `bitsPerByte` allow on the held-out rows.'),
  coverage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.98)
    .describe('Least share of the held-out tokens, in the whole vocabulary, that stays; below it the step is undone.'),
  bitsPerByte: z
    .number()
    .positive()
    .default(1.01)
    .describe(
      'Most bits per byte of the held-out rows, as a multiple of those of the whole vocabulary; above it the step is undone.',
    ),
  rows: z.int().positive().default(10_000).describe('Rows whose tokens are counted.'),
  proofRows: z.int().positive().default(64).describe('Held-out rows on which bits per byte are measured.'),
  tuneSteps: z
    .int()
    .nonnegative()
    .default(40)
    .describe(
      'Steps in which the embeddings of tokens that took over learn from the rows; kept only where that lowers the bits per byte. 0: none.',
    ),
  learningRate: z
    .number()
    .positive()
    .default(0.02)
    .describe('Peak of the cosine schedule, as a share of the root mean square of the embedding.'),
  batchTokens: LoopOptions.batchTokens.unwrap().default(1024),
  checkpointEverySteps: LoopOptions.checkpointEverySteps.unwrap().default(20),
});
export type TrimVocabularyOptions = z.infer<typeof TrimVocabularyOptions>;
