/**
 * Largest Kullback-Leibler divergence of the next token's distribution over all positions.
 *
 * @param left - Logits, shape [positions, vocabulary], row-major: the distribution whose expectation is taken.
 * @param right - Logits of the same shape.
 * @returns Nats, 0 or more.
 */
export function largestDivergence(left: Float32Array, right: Float32Array, vocabulary: number): number {
  let largest = 0;
  for (let from = 0; from < left.length; from += vocabulary) {
    const one = logarithms(left.subarray(from, from + vocabulary));
    const other = logarithms(right.subarray(from, from + vocabulary));
    let sum = 0;
    for (let at = 0; at < vocabulary; at++) {
      const own = one[at] as number;
      sum += Math.exp(own) * (own - (other[at] as number));
    }
    largest = Math.max(largest, sum);
  }
  return largest;
}

/** Logarithms of the probabilities. */
function logarithms(logits: Float32Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const total = most + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - total);
}
