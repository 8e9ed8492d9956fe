import { Z_95 as Z } from './normal-quantile.ts';

/**
 * 95% interval of a proportion (Wilson 1927). It stays inside [0, 1] and is valid for small samples.
 *
 * @param successes - Whole number, 0 to `trials`.
 * @param trials - At least 1.
 */
export function wilsonInterval(successes: number, trials: number): [number, number] {
  if (trials < 1 || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} of ${trials} is not a proportion`);
  }
  const share = successes / trials;
  const centre = share + (Z * Z) / (2 * trials);
  const spread = Z * Math.sqrt((share * (1 - share)) / trials + (Z * Z) / (4 * trials * trials));
  const scale = 1 + (Z * Z) / trials;
  // At the edges the formula gives exactly 0 and 1, except for rounding errors.
  return [successes === 0 ? 0 : (centre - spread) / scale, successes === trials ? 1 : (centre + spread) / scale];
}
