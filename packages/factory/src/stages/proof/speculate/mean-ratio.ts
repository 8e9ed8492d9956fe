/** 97.5% quantile of the normal distribution. */
const Z = 1.96;

/**
 * Geometric mean of paired ratios with its 95% interval: by Student's t on their logarithms (quantile by Cornish and Fisher 1938, to the
 * first order).
 *
 * @param ratios - Positive, at least two.
 */
export function meanRatio(ratios: readonly number[]): { ratio: number; interval: [number, number] } {
  const logs = ratios.map(Math.log);
  const count = logs.length;
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (count - 1);
  const quantile = Z + (Z ** 3 + Z) / (4 * (count - 1));
  const reach = quantile * Math.sqrt(variance / count);
  return { ratio: Math.exp(mean), interval: [Math.exp(mean - reach), Math.exp(mean + reach)] };
}
