import { type Duplicates, EXACT, KEPT, NEAR } from '@cogumi/data/dedup';
import type { RowPriorities } from './row-priorities.ts';

/** Counts of one source. */
export type SourceTally = {
  read: number;
  kept: number;
  exact: number;
  near: number;
  /** How many of its duplicates have their canonical row in each source, itself included. */
  duplicatesOf: Record<string, number>;
};

/** Counts rows and duplicates by source; sources are sorted by name. */
export function tallySources(
  { canonical, status }: Duplicates,
  priorities: RowPriorities,
): Record<string, SourceTally> {
  const { sources } = priorities;
  const counts = sources.map(() => ({ read: 0, kept: 0, exact: 0, near: 0, duplicatesOf: new Map<number, number>() }));
  for (let row = 0; row < canonical.length; row++) {
    const tally = counts[priorities.source(row)] as (typeof counts)[number];
    tally.read++;
    if (status[row] === KEPT) {
      tally.kept++;
      continue;
    }
    if (status[row] === EXACT) tally.exact++;
    if (status[row] === NEAR) tally.near++;
    const source = priorities.source(canonical[row] as number);
    tally.duplicatesOf.set(source, (tally.duplicatesOf.get(source) ?? 0) + 1);
  }
  const byName = (left: number, right: number) => ((sources[left] as string) < (sources[right] as string) ? -1 : 1);
  const inOrder = [...sources.keys()].sort(byName);
  return Object.fromEntries(
    inOrder.map((source) => {
      const { duplicatesOf, ...tally } = counts[source] as (typeof counts)[number];
      const canonicalSources = [...duplicatesOf.keys()].sort(byName);
      const named = canonicalSources.map((other) => [sources[other], duplicatesOf.get(other)]);
      return [sources[source] as string, { ...tally, duplicatesOf: Object.fromEntries(named) }];
    }),
  );
}
