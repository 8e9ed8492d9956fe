import type { Grammar } from '../binding/grammar.ts';

/**
 * Samples a token that a grammar allows; null: it allows none.
 *
 * The model's own choice is tried first, since testing one token is cheap and testing a vocabulary is not. The result has the same
 * distribution as sampling from the allowed tokens at once: a refused choice is drawn again from those.
 *
 * @param logits - Those of tokens that are not allowed become −∞.
 */
export function sampleWithin(
  grammar: Pick<Grammar, 'allows' | 'mask'>,
  sample: (logits: Float32Array) => number,
  logits: Float32Array,
): number | null {
  let masked = false;
  for (;;) {
    const token = sample(logits);
    if (logits[token] === -Infinity) return null;
    if (grammar.allows(token)) return token;
    if (masked) logits[token] = -Infinity;
    else grammar.mask(logits);
    masked = true;
  }
}
