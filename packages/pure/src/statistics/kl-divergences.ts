/**
 * Kullback-Leibler divergence of one model's next-token distributions from another's, position by position.
 *
 * @param truth - Logits, shape `[positions, vocabulary]`, row-major.
 * @param other - The same shape.
 * @returns Nats, shape `[positions]`: 0 where both predict the same.
 */
export function klDivergences(truth: Float32Array, other: Float32Array, vocabulary: number): Float64Array {
  if (truth.length !== other.length || truth.length % vocabulary !== 0) {
    throw new RangeError(`${truth.length} and ${other.length} logits do not form equal rows of ${vocabulary}`);
  }
  return Float64Array.from({ length: truth.length / vocabulary }, (_, row) => {
    const from = row * vocabulary;
    const [trueSum, otherSum] = [logSumExp(truth, from, vocabulary), logSumExp(other, from, vocabulary)];
    let divergence = 0;
    for (let at = from; at < from + vocabulary; at++) {
      const logprob = (truth[at] as number) - trueSum;
      divergence += Math.exp(logprob) * (logprob - ((other[at] as number) - otherSum));
    }
    // Rounding may leave a little less than nothing.
    return Math.max(0, divergence);
  });
}

/** ln Σ exp(logit) over `length` logits from `from` on, without overflow. A logit minus this value is its token's log-probability. */
export function logSumExp(logits: Float32Array, from: number, length: number): number {
  let highest = -Infinity;
  for (let at = from; at < from + length; at++) highest = Math.max(highest, logits[at] as number);
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += Math.exp((logits[at] as number) - highest);
  return highest + Math.log(sum);
}
