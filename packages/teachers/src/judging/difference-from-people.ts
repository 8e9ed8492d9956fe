import { Z_95 } from '@cogumi/pure';
import type { JudgedItem } from './judged-item.ts';

/** How much more a judge agrees with people than they do among themselves. */
export interface Difference {
  /** Items with two labels at least. */
  readonly items: number;
  readonly withPeople: number;
  readonly amongPeople: number;
  readonly difference: number;
  /** 95% interval of the difference, in pairs over the items. */
  readonly interval: readonly [number, number];
}

/** null: no item has two labels. An item without a verdict agrees with nobody. */
export function differenceFromPeople<Label>(items: readonly JudgedItem<Label>[]): Difference | null {
  const rated = items.flatMap(({ people, judge }) => {
    if (people.length < 2) return [];
    const ours = mean(people.map((label) => Number(label === judge)));
    const pairs = people.flatMap((one, at) => people.slice(at + 1).map((other) => Number(one === other)));
    return [{ ours, theirs: mean(pairs) }];
  });
  if (rated.length === 0) return null;
  const differences = rated.map(({ ours, theirs }) => ours - theirs);
  const difference = mean(differences);
  const variance = mean(differences.map((one) => (one - difference) ** 2));
  const spread = Z_95 * Math.sqrt(variance / rated.length);
  return {
    items: rated.length,
    withPeople: mean(rated.map(({ ours }) => ours)),
    amongPeople: mean(rated.map(({ theirs }) => theirs)),
    difference,
    interval: [difference - spread, difference + spread],
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
