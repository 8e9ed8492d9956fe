import { simultaneousQuantile } from './normal-quantile.ts';

/** Bounds of the interval are searched up to this ratio and its inverse; beyond them the sample sets no bound (chosen). */
const WIDEST = 1e4;

export interface PairedRatio {
  /** Successes of `ours` divided by successes of `theirs`; divided by 1 if they have none, so that it stays finite. */
  readonly ratio: number;
  /** 95% interval; it starts at 0 or ends at 10,000 where the sample sets no bound. */
  readonly interval: [number, number];
  readonly ours: number;
  readonly theirs: number;
  readonly pairs: number;
}

/** Number of pairs by outcome. */
interface Counts {
  readonly both: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: number;
  readonly pairs: number;
}

/**
 * Compares two models on the same questions: the ratio of right answers with the asymptotic score interval for paired
 * proportions (Nam & Blackwelder 2002; Tang, Tang & Chan 2003). Questions that are hard for both add no noise, and a small
 * sample, or one without any loss, gives a wide interval instead of false certainty.
 *
 * @param outcomes - One pair per question: was ours right, was theirs right.
 * @param comparisons - How many comparisons are judged together: their intervals are widened so that all hold with 95%.
 */
export function pairedRatio(outcomes: readonly (readonly [boolean, boolean])[], comparisons = 1): PairedRatio {
  if (outcomes.length === 0) throw new RangeError('no pairs to compare');
  const count = (mine: boolean, other: boolean) =>
    outcomes.filter(([ours, theirs]) => ours === mine && theirs === other).length;
  const counts = {
    both: count(true, true),
    onlyOurs: count(true, false),
    onlyTheirs: count(false, true),
    pairs: outcomes.length,
  };
  const z = simultaneousQuantile(comparisons);
  const ours = counts.both + counts.onlyOurs;
  const theirs = counts.both + counts.onlyTheirs;
  return {
    ratio: ours / Math.max(1, theirs),
    interval: [ours === 0 ? 0 : bound(counts, 1 / WIDEST, z), theirs === 0 ? WIDEST : bound(counts, WIDEST, z)],
    ours,
    theirs,
    pairs: outcomes.length,
  };
}

/**
 * The fewest right answers whose loss proves a fall, where none is gained: below it the interval of the ratio reaches 1, however
 * many questions there are. At "ours = theirs" the score is that of McNemar's test, the root of the number lost.
 *
 * @param comparisons - As of `pairedRatio`. With 1: 4; with 8: 8.
 */
export function leastProvableLoss(comparisons = 1): number {
  return Math.floor(simultaneousQuantile(comparisons) ** 2) + 1;
}

/** The ratio closest to `limit` that the sample does not rule out, by bisection on a logarithmic scale. */
function bound(counts: Counts, limit: number, z: number): number {
  const measured = (counts.both + counts.onlyOurs) / (counts.both + counts.onlyTheirs);
  // If one side has no success, the estimate is at the end of the scale, and the interval extends inwards from there.
  let inside = Math.log(Math.min(WIDEST, Math.max(1 / WIDEST, measured)));
  let outside = Math.log(limit);
  for (let halving = 0; halving < 60; halving++) {
    const middle = (inside + outside) / 2;
    if (Math.abs(score(counts, Math.exp(middle))) <= z) inside = middle;
    else outside = middle;
  }
  return Math.exp(inside);
}

/**
 * Standardized distance of the sample from "ours = ratio × theirs". The variance uses the most likely proportions under that
 * condition: each is its count divided by `pairs + multiplier × coefficient` (Lagrange); bisection finds the multiplier.
 */
function score({ both, onlyOurs, onlyTheirs, pairs }: Counts, ratio: number): number {
  const distance = both + onlyOurs - ratio * (both + onlyTheirs);
  if (distance === 0) return 0;
  const cells: [count: number, coefficient: number][] = [
    [both, 1 - ratio],
    [onlyOurs, 1],
    [onlyTheirs, -ratio],
  ];
  const slack = (multiplier: number) =>
    cells.reduce(
      (sum, [count, coefficient]) =>
        count === 0 ? sum : sum + (count * coefficient) / (pairs + multiplier * coefficient),
      0,
    );
  // Between the two ends all proportions are positive and the slack decreases.
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
  let mine = share(onlyOurs, 1);
  let other = share(onlyTheirs, -ratio);
  // If an outcome never occurred, the condition determines its proportion.
  if (onlyOurs === 0) mine = Math.max(0, ratio * other - together);
  if (onlyTheirs === 0) other = Math.max(0, (together + mine) / ratio);
  const variance = pairs * ratio * (mine + other);
  return variance > 0 ? distance / Math.sqrt(variance) : Infinity * Math.sign(distance);
}

/** The interval of a gate for a reader: that of a ratio ends at infinity where the sample sets no upper bound, as against no right answer. */
export function shownInterval({
  interval,
  unit,
}: {
  readonly interval: readonly [number, number] | null;
  readonly unit: string;
}): readonly [number, number] | null {
  if (interval === null || unit !== 'ratio' || interval[1] < WIDEST) return interval;
  return [interval[0], Number.POSITIVE_INFINITY];
}
