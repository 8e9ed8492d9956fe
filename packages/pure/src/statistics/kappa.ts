import { wilsonInterval } from './wilson-interval.ts';

/** How far two raters agree, and how far beyond what chance gives. */
export interface Kappa {
  readonly items: number;
  readonly agreeing: number;
  /** 95% interval of the share of items that they agree on. */
  readonly agreement: readonly [number, number];
  /** Share of items that raters with these frequencies would agree on by chance. */
  readonly chance: number;
  /** 1: they always agree; 0: as often as by chance. */
  readonly kappa: number;
  /** 95%. */
  readonly interval: readonly [number, number];
}

/**
 * Cohen's kappa (Cohen 1960, Educational and Psychological Measurement 20). Its interval is Wilson's of the agreement, with the chance
 * taken as known, as in Cohen's own standard error: it has a width even where raters agree on all of few items.
 *
 * @param ratings - What each rater said of each item. A category that only one of them uses is allowed.
 * @param interchangeable - Categories whose names are arbitrary, as the first and the second of two answers: their frequencies are made equal.
 * @returns null without items, and where chance alone makes them agree: both use one category.
 */
export function kappa<Category>(
  ratings: readonly (readonly [Category, Category])[],
  interchangeable: readonly Category[] = [],
): Kappa | null {
  const items = ratings.length;
  if (items === 0) return null;
  const ours = shares(ratings, 0, interchangeable);
  const theirs = shares(ratings, 1, interchangeable);
  const chance = [...ours].reduce((sum, [category, share]) => sum + share * (theirs.get(category) ?? 0), 0);
  // A sum of shares misses 1 by rounding errors.
  if (chance > 1 - 1e-9) return null;
  const agreeing = ratings.filter(([one, other]) => one === other).length;
  const agreement = wilsonInterval(agreeing, items);
  const beyond = (share: number) => (share - chance) / (1 - chance);
  return {
    ...{ items, agreeing, agreement, chance },
    ...{ kappa: beyond(agreeing / items), interval: [beyond(agreement[0]), beyond(agreement[1])] },
  };
}

function shares<Category>(
  ratings: readonly (readonly [Category, Category])[],
  rater: 0 | 1,
  interchangeable: readonly Category[],
): Map<Category, number> {
  const found = new Map<Category, number>();
  for (const rating of ratings) found.set(rating[rater], (found.get(rating[rater]) ?? 0) + 1 / ratings.length);
  const together = interchangeable.reduce((sum, category) => sum + (found.get(category) ?? 0), 0);
  for (const category of interchangeable) found.set(category, together / interchangeable.length);
  return found;
}
