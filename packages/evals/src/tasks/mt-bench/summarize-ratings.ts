import { type MeanInterval, meanInterval } from '@cogumi/pure';
import type { RatedQuestion } from './run-mt-bench.ts';

/** The ratings of some questions. */
export interface RatingSummary {
  readonly questions: number;
  /** Mean of all ratings, as FastChat shows it, 1..10; null: there is none. */
  readonly mean: number | null;
  /** 95%, within 1..10; the ratings of one question are one value. null: fewer than two questions were rated. */
  readonly interval: readonly [number, number] | null;
  /** Mean by turn. */
  readonly turns: readonly (number | null)[];
  /** Replies of the judge without a rating, which no mean counts. */
  readonly unrated: number;
}

/** Ratings of all questions, and of each category. */
export interface MtBenchSummary extends RatingSummary {
  readonly groups: Readonly<Record<string, RatingSummary>>;
}

/** Adds up ratings as FastChat does. */
export function summarizeRatings(items: readonly RatedQuestion[]): MtBenchSummary {
  const groups = [...Map.groupBy(items, ({ group }) => group)];
  return {
    ...summaryOf(items),
    groups: Object.fromEntries(groups.map(([group, own]) => [group, summaryOf(own)])),
  };
}

function summaryOf(items: readonly RatedQuestion[]): RatingSummary {
  const ratings = items.flatMap((item) => item.ratings);
  const known = ratings.filter((rating) => rating !== null);
  const found = meanInterval(items.flatMap((item) => meanOf(item.ratings) ?? []));
  const turns = items[0]?.ratings.map((_, turn) => meanOf(items.map((item) => item.ratings[turn] ?? null))) ?? [];
  return {
    questions: items.length,
    mean: meanOf(ratings),
    interval: found && onScale(found.interval),
    turns,
    unrated: ratings.length - known.length,
  };
}

/** How the ratings of two models differ on the same questions. */
export interface RatingComparison extends MeanInterval {
  /** Questions that both have a rating of. */
  readonly questions: number;
  /** What the interval of the difference says of ours. `undecided`: it holds 0, or fewer than two questions were rated. */
  readonly verdict: 'better' | 'worse' | 'undecided';
}

/**
 * Compares two models by the ratings of the same questions, in pairs.
 *
 * @param ours - In the order of the task.
 * @param theirs - The same questions in the same order.
 */
export function compareRatings(ours: readonly RatedQuestion[], theirs: readonly RatedQuestion[]): RatingComparison {
  const differences = ours.flatMap((item, at) => {
    const other = theirs[at];
    if (other?.id !== item.id) throw new RangeError(`question ${at} is ${item.id} and ${other?.id}`);
    const [own, their] = [meanOf(item.ratings), meanOf(other.ratings)];
    return own === null || their === null ? [] : [own - their];
  });
  const found = meanInterval(differences) ?? { mean: 0, interval: [-9, 9] as const, standardError: 9 };
  const [low, high] = found.interval;
  const verdict = low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided';
  return { ...found, questions: differences.length, verdict };
}

function meanOf(ratings: readonly (number | null)[]): number | null {
  const known = ratings.filter((rating) => rating !== null);
  return known.length === 0 ? null : known.reduce((sum, rating) => sum + rating, 0) / known.length;
}

function onScale([low, high]: readonly [number, number]): [number, number] {
  return [Math.max(1, low), Math.min(10, high)];
}
