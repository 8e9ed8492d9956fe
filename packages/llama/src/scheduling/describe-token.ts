import type { Vocabulary } from '../binding/vocabulary.ts';
import type { AnswerToken } from '../types/answers.ts';
import { largest, logSumExp } from './sampler.ts';

export interface TokenDetails {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Likely tokens that are described beside it. */
  readonly top: number;
}

/**
 * A token with its probability and the likeliest ones in its place.
 *
 * @param logits - Behind the token before, as the model gave them.
 * @param sum - `logSumExp(logits)`.
 */
export function describeToken(
  { id, bytes, top }: TokenDetails,
  logits: Float32Array,
  vocabulary: Vocabulary,
  sum = logSumExp(logits),
): AnswerToken {
  const logprob = (token: number) => (logits[token] as number) - sum;
  const likeliest = largest(logits, top).map((token) => ({
    id: token,
    bytes: token === id ? bytes : vocabulary.piece(token, true),
    logprob: logprob(token),
  }));
  return { id, bytes, logprob: logprob(id), top: likeliest };
}
