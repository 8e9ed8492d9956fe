import { Z_95 } from './normal-quantile.ts';

/** Quantile of 80% of the normal distribution: the usual power. */
const POWER_Z = 0.8416212335729143;

/**
 * The least difference between two proportions that samples of this size show: with it, four of five pairs of samples differ
 * significantly (two-sided, 5%). For two independent samples; answers to the same questions, compared in pairs, show smaller ones.
 *
 * @param successes - Of one sample, whose proportion is taken for both; two successes and two failures are added, as the interval of Agresti and
 * Coull does, so that a sample without any is not taken for certain.
 * @param trials - At least 1.
 * @returns 0..1.
 */
export function leastDifference(successes: number, trials: number): number {
  if (trials < 1 || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} of ${trials} is not a proportion`);
  }
  const share = (successes + 2) / (trials + 4);
  return Math.min(1, (Z_95 + POWER_Z) * Math.sqrt((2 * share * (1 - share)) / trials));
}
