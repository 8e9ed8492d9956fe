import type { Random } from '../random/random.ts';

/** Enough that the 95% bounds move by less than half a percent between seeds (chosen; checked in the test). */
const RESAMPLES = 2000;

export interface PairedRatio {
  /** Successes of `ours` over successes of `theirs`; over 1 where they have none, so that it stays a number. */
  readonly ratio: number;
  /** 95% percentile interval. */
  readonly interval: [number, number];
  readonly ours: number;
  readonly theirs: number;
  readonly pairs: number;
}

/**
 * How two models compare on the same questions: ratio of right answers with a paired bootstrap interval (Efron &
 * Tibshirani 1993, ch. 13). Pairs are resampled together, so questions that are hard for both do not count as noise.
 *
 * @param outcomes - One pair a question: was ours right, was theirs right.
 */
export function pairedRatio(outcomes: readonly (readonly [boolean, boolean])[], random: Random): PairedRatio {
  if (outcomes.length === 0) throw new RangeError('no pairs to compare');
  const quotient = (ours: number, theirs: number) => ours / Math.max(1, theirs);
  const count = (pick: (index: number) => number) => {
    let ours = 0;
    let theirs = 0;
    for (let drawn = 0; drawn < outcomes.length; drawn++) {
      const [mine, other] = outcomes[pick(drawn)] as readonly [boolean, boolean];
      ours += Number(mine);
      theirs += Number(other);
    }
    return { ours, theirs };
  };
  const whole = count((index) => index);
  const ratios = Float64Array.from({ length: RESAMPLES }, () => {
    const { ours, theirs } = count(() => random.integer(0, outcomes.length - 1));
    return quotient(ours, theirs);
  }).sort();
  return {
    ratio: quotient(whole.ours, whole.theirs),
    interval: [ratios[Math.floor(RESAMPLES * 0.025)] as number, ratios[Math.ceil(RESAMPLES * 0.975) - 1] as number],
    ...whole,
    pairs: outcomes.length,
  };
}
