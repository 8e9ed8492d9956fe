import { Z_95 } from './normal-quantile.ts';

/** A mean with its 95% interval, in the unit of the values. */
export interface MeanInterval {
  readonly mean: number;
  readonly interval: readonly [number, number];
  /** Of the mean. */
  readonly standardError: number;
}

/**
 * Mean of independent values with its interval by Student's t.
 *
 * @returns null for fewer than two values, whose spread is unknown.
 */
export function meanInterval(values: readonly number[]): MeanInterval | null {
  const count = values.length;
  if (count < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  const spread = tQuantile(count - 1) * standardError;
  return { mean, interval: [mean - spread, mean + spread], standardError };
}

/** Terms of the series below, each by its powers of z: Abramowitz and Stegun 1964, 26.7.5. */
const SERIES = [
  { divisor: 4, powers: [0, 1, 0, 1] },
  { divisor: 96, powers: [0, 3, 0, 16, 0, 5] },
  { divisor: 384, powers: [0, -15, 0, 17, 0, 19, 0, 3] },
  { divisor: 92_160, powers: [0, -945, 0, -1920, 0, 1482, 0, 776, 0, 79] },
];

/** Two-sided 95% quantiles for one and two degrees of freedom, where the series is off by 15% and 1%. */
const FEW = [12.706, 4.303];

function tQuantile(freedom: number): number {
  const few = FEW[freedom - 1];
  if (few !== undefined) return few;
  const terms = SERIES.map(
    ({ divisor, powers }, at) =>
      powers.reduce((sum, factor, power) => sum + factor * Z_95 ** power, 0) / divisor / freedom ** (at + 1),
  );
  return terms.reduce((sum, term) => sum + term, Z_95);
}
