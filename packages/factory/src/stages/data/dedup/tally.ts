import { type Duplicates, EXACT, NEAR, STAYS } from '@cogumi/data/dedup';
import type { Merits } from './merits.ts';

/** What became of the rows of one source. */
export type SourceTally = {
  rows: number;
  exact: number;
  near: number;
  /** How many of them went for a row of each source, this one too. */
  keptBy: Record<string, number>;
};

/** Counts what became of the rows, by source; names in order. */
export function tallySources({ keeper, fate }: Duplicates, merits: Merits): Record<string, SourceTally> {
  const { sources } = merits;
  const counts = sources.map(() => ({ rows: 0, exact: 0, near: 0, keptBy: new Map<number, number>() }));
  for (let row = 0; row < keeper.length; row++) {
    const tally = counts[merits.source(row)] as (typeof counts)[number];
    tally.rows++;
    if (fate[row] === STAYS) continue;
    if (fate[row] === EXACT) tally.exact++;
    if (fate[row] === NEAR) tally.near++;
    const winner = merits.source(keeper[row] as number);
    tally.keptBy.set(winner, (tally.keptBy.get(winner) ?? 0) + 1);
  }
  const byName = (left: number, right: number) => ((sources[left] as string) < (sources[right] as string) ? -1 : 1);
  const inOrder = [...sources.keys()].sort(byName);
  return Object.fromEntries(
    inOrder.map((source) => {
      const { keptBy, ...tally } = counts[source] as (typeof counts)[number];
      const winners = [...keptBy.keys()].sort(byName);
      const named = winners.map((winner) => [sources[winner], keptBy.get(winner)]);
      return [sources[source] as string, { ...tally, keptBy: Object.fromEntries(named) }];
    }),
  );
}
