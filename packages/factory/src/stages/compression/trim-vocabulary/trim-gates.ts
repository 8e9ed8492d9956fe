import type { Gate } from '@cogumi/contracts';
import { simultaneousQuantile } from '@cogumi/pure';
import { z } from 'zod';
import { judgeGate } from '../../judge-gate.ts';
import type { TrimVocabularyStageOptions } from './options.ts';

/** What the job measured on the held-out rows; see `TrimVocabularyOptions` in the contracts. */
export const TrimProof = z.object({
  vocabulary: z.number(),
  vocabularyBefore: z.number(),
  coverage: z.number(),
  heldOutTokens: z.number(),
  bitsPerByte: z.number(),
  bitsPerByteBefore: z.number(),
  bitsPerByteTrimmed: z.number(),
  tuned: z.boolean(),
  bitsError: z.number(),
  proofTexts: z.number(),
  texts: z.number(),
  roundTrips: z.number(),
  keptTexts: z.number(),
  sameTokens: z.number(),
  logitError: z.number(),
});
export type TrimProof = z.infer<typeof TrimProof>;

export const TRIM_GATES = ['round-trip', 'same-tokens', 'same-logits', 'coverage', 'bits-per-byte'];

/** f32 sums of the same weights; a matrix product of other width may add them in another order. */
const LARGEST_LOGIT_ERROR = 1e-5;

/**
 * Whether the smaller vocabulary still writes every text, reads what it has as before, and costs no more than it may.
 *
 * Vocabularies are compared by bits per byte: a smaller one needs more tokens for a text, so that perplexities per token do not compare.
 */
export function trimGates(proof: TrimProof, { coverage, bitsPerByte }: TrimVocabularyStageOptions): Gate[] {
  const ratio = proof.bitsPerByteBefore > 0 ? proof.bitsPerByte / proof.bitsPerByteBefore : 1;
  const margin = simultaneousQuantile(1) * proof.bitsError;
  const sizes = `${proof.vocabulary} of ${proof.vocabularyBefore} tokens stay`;
  return [
    judgeGate({
      name: 'round-trip',
      criterion: 'Every held-out text comes back from its tokens as from those of the whole vocabulary',
      bound: 'exactly',
      threshold: proof.texts,
      measured: proof.roundTrips,
      items: proof.texts,
      unit: 'texts',
      evidence: `kept.json: ${sizes}`,
      advice: 'A byte or a character has no token: look at what the tokenizer falls back to.',
    }),
    judgeGate({
      name: 'same-tokens',
      criterion: 'A text whose tokens all stay has the same tokens as before',
      bound: 'exactly',
      threshold: proof.keptTexts,
      measured: proof.sameTokens,
      items: proof.keptTexts,
      unit: 'texts',
      evidence: `kept.json: ${sizes}`,
      advice: 'A merge is missing on the way to a token that stays.',
    }),
    judgeGate({
      name: 'same-logits',
      criterion:
        'The tokens that stay have the logits that they had, read back from the disk before any of them learns',
      bound: 'at-most',
      threshold: LARGEST_LOGIT_ERROR,
      measured: proof.logitError,
      unit: 'of the largest logit',
      evidence: 'largest distance over the beginnings of held-out texts',
      advice: 'Rows of the embedding or of the head are not those of their tokens.',
    }),
    judgeGate({
      name: 'coverage',
      criterion: 'Share of the held-out tokens, in the whole vocabulary, that stay',
      bound: 'at-least',
      threshold: coverage,
      measured: proof.coverage,
      items: proof.heldOutTokens,
      unit: 'share of the tokens',
      evidence: `curve.json, ${proof.heldOutTokens} tokens; ${sizes}`,
      advice: 'Raise trimVocabulary.size, or leave it out; or count more rows of the kind that will be served.',
    }),
    judgeGate({
      name: 'bits-per-byte',
      criterion: 'Bits per byte of held-out text, as a multiple of those of the whole vocabulary',
      bound: 'at-most',
      threshold: bitsPerByte,
      measured: ratio,
      interval: [ratio - margin, ratio + margin],
      items: proof.proofTexts,
      unit: '',
      evidence: bitsEvidence(proof),
      advice:
        'Words that were one token are several now, which the model has not learned to read: raise trimVocabulary.size or tuneSteps.',
      guard: true,
    }),
  ];
}

function bitsEvidence({ proofTexts, bitsPerByte, bitsPerByteBefore, bitsPerByteTrimmed, tuned }: TrimProof): string {
  const bits = (value: number) => value.toFixed(4);
  const way = tuned ? `, ${bits(bitsPerByteTrimmed)} before the embeddings learned` : '';
  return `${proofTexts} texts: ${bits(bitsPerByte)} bits${way}, ${bits(bitsPerByteBefore)} with the whole vocabulary`;
}
