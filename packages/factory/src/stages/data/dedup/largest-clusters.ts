import { type Duplicates, KEPT } from '@cogumi/data/dedup';
import type { RowPriorities } from './row-priorities.ts';

/** Clusters shown in the report, and members of each besides the canonical row (chosen). */
const CLUSTERS = 10;
const MEMBERS = 3;

interface Cluster {
  readonly canonical: number;
  /** Size, the canonical row included. */
  readonly rows: number;
  /** The members least similar to the canonical row, where a mistake would show first. */
  readonly members: readonly number[];
}

/** The largest clusters. Ties are broken by priority, so the order of the input does not matter. */
export function largestClusters({ canonical, similarity, status }: Duplicates, priorities: RowPriorities): Cluster[] {
  const sizes = new Uint32Array(canonical.length);
  for (const kept of canonical) sizes[kept]!++;
  const canonicals = best(
    sizes.keys().filter((row) => (sizes[row] as number) > 1),
    CLUSTERS,
    (left, right) => (sizes[right] as number) - (sizes[left] as number) || priorities.compare(left, right),
  );
  const worstFirst = (left: number, right: number) =>
    (similarity[left] as number) - (similarity[right] as number) || priorities.compare(left, right);
  const members = new Map<number, number[]>(canonicals.map((row) => [row, []]));
  for (let row = 0; row < canonical.length; row++) {
    const known = status[row] === KEPT ? undefined : members.get(canonical[row] as number);
    if (known) insert(known, row, MEMBERS, worstFirst);
  }
  return canonicals.map((row) => ({
    canonical: row,
    rows: sizes[row] as number,
    members: members.get(row) as number[],
  }));
}

type Order = (left: number, right: number) => number;

/** The first `most` rows in `order`, without sorting the others. */
function best(rows: Iterable<number>, most: number, order: Order): number[] {
  const found: number[] = [];
  for (const row of rows) insert(found, row, most, order);
  return found;
}

/** Inserts a row if it is among the first `most`. */
function insert(rows: number[], row: number, most: number, order: Order): void {
  if (rows.length === most && order(rows[most - 1] as number, row) <= 0) return;
  let place = rows.length;
  while (place > 0 && order(row, rows[place - 1] as number) < 0) place--;
  rows.splice(place, 0, row);
  if (rows.length > most) rows.pop();
}
