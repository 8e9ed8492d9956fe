/** Two-sided 95% quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Where a bound is looked for; beyond it the sample sets none (chosen). */
const WIDEST = 1e4;

export interface PairedRatio {
  /** Successes of `ours` over successes of `theirs`; over 1 where they have none, so that it stays a number. */
  readonly ratio: number;
  /** 95%; from 0 and to 10,000 where the sample sets no bound. */
  readonly interval: [number, number];
  readonly ours: number;
  readonly theirs: number;
  readonly pairs: number;
}

/** How many pairs went which way. */
interface Counts {
  readonly both: number;
  readonly oursAlone: number;
  readonly theirsAlone: number;
  readonly pairs: number;
}

/**
 * How two models compare on the same questions: ratio of right answers with the asymptotic score interval for paired
 * proportions (Nam & Blackwelder 2002; Tang, Tang & Chan 2003). Questions that are hard for both do not count as noise,
 * and a small sample, or one without a single loss, gives a wide interval and no false certainty.
 *
 * @param outcomes - One pair a question: was ours right, was theirs right.
 */
export function pairedRatio(outcomes: readonly (readonly [boolean, boolean])[]): PairedRatio {
  if (outcomes.length === 0) throw new RangeError('no pairs to compare');
  const count = (mine: boolean, other: boolean) =>
    outcomes.filter(([ours, theirs]) => ours === mine && theirs === other).length;
  const counts = {
    both: count(true, true),
    oursAlone: count(true, false),
    theirsAlone: count(false, true),
    pairs: outcomes.length,
  };
  const ours = counts.both + counts.oursAlone;
  const theirs = counts.both + counts.theirsAlone;
  return {
    ratio: ours / Math.max(1, theirs),
    interval: [ours === 0 ? 0 : bound(counts, 1 / WIDEST), theirs === 0 ? WIDEST : bound(counts, WIDEST)],
    ours,
    theirs,
    pairs: outcomes.length,
  };
}

/** The ratio furthest towards `limit` that the sample does not rule out; bisection on a logarithmic scale. */
function bound(counts: Counts, limit: number): number {
  const measured = (counts.both + counts.oursAlone) / (counts.both + counts.theirsAlone);
  // A side with no success has its estimate at the end of the scale; the interval reaches inwards from there.
  let inside = Math.log(Math.min(WIDEST, Math.max(1 / WIDEST, measured)));
  let outside = Math.log(limit);
  for (let halving = 0; halving < 60; halving++) {
    const middle = (inside + outside) / 2;
    if (Math.abs(score(counts, Math.exp(middle))) <= Z) inside = middle;
    else outside = middle;
  }
  return Math.exp(inside);
}

/**
 * Standardized distance of the sample from "ours = ratio × theirs". Its variance takes the likeliest proportions for
 * which that holds: each is its count over `pairs + multiplier × coefficient` (Lagrange), the multiplier found by bisection.
 */
function score({ both, oursAlone, theirsAlone, pairs }: Counts, ratio: number): number {
  const distance = both + oursAlone - ratio * (both + theirsAlone);
  if (distance === 0) return 0;
  const cells: [count: number, coefficient: number][] = [
    [both, 1 - ratio],
    [oursAlone, 1],
    [theirsAlone, -ratio],
  ];
  const slack = (multiplier: number) =>
    cells.reduce(
      (sum, [count, coefficient]) =>
        count === 0 ? sum : sum + (count * coefficient) / (pairs + multiplier * coefficient),
      0,
    );
  // Between the ends all proportions are positive, and the slack falls.
  let [low, high] = [-pairs, pairs / ratio];
  if (ratio > 1) high = Math.min(high, pairs / (ratio - 1));
  if (ratio < 1) low = Math.max(low, -pairs / (1 - ratio));
  for (let halving = 0; halving < 100; halving++) {
    const middle = (low + high) / 2;
    if (slack(middle) > 0) low = middle;
    else high = middle;
  }
  const multiplier = (low + high) / 2;
  const share = (count: number, coefficient: number) => (count === 0 ? 0 : count / (pairs + multiplier * coefficient));
  const together = share(both, 1 - ratio) * (1 - ratio);
  let mine = share(oursAlone, 1);
  let other = share(theirsAlone, -ratio);
  // Where none was seen, the proportion is what the condition leaves for it.
  if (oursAlone === 0) mine = Math.max(0, ratio * other - together);
  if (theirsAlone === 0) other = Math.max(0, (together + mine) / ratio);
  const variance = pairs * ratio * (mine + other);
  return variance > 0 ? distance / Math.sqrt(variance) : Infinity * Math.sign(distance);
}
