/** Two-sided 95% quantile of the normal distribution. */
export const Z_95 = 1.959963984540054;

/** Halvings of the search below: more than the 53 bits of a number. */
const HALVINGS = 80;

/**
 * Two-sided quantile of the normal distribution for `comparisons` intervals that hold together with 95% (Bonferroni): each
 * leaves out 5% divided by their number.
 *
 * @param comparisons - At least 1. With 1: 1.96.
 */
export function simultaneousQuantile(comparisons: number): number {
  if (!(comparisons >= 1)) throw new RangeError(`${comparisons} comparisons: at least 1`);
  const outside = 0.05 / comparisons / 2;
  let [low, high] = [0, 40];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > outside) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of more than `z` ≥ 0, by Mills' continued fraction beyond 2 and the series of the density before. */
function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 2) {
    let fraction = z;
    for (let term = 60; term >= 1; term--) fraction = z + term / fraction;
    return density / fraction;
  }
  let [sum, term] = [z, z];
  for (let odd = 3; odd < 80; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 - density * sum;
}
