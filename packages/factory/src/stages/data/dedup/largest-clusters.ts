import { type Duplicates, STAYS } from '@cogumi/data/dedup';
import type { Merits } from './merits.ts';

/** How many clusters a person gets to see, and how many members of each besides the keeper. */
const CLUSTERS = 10;
const MEMBERS = 3;

interface Cluster {
  readonly keeper: number;
  /** The keeper among them. */
  readonly rows: number;
  /** Those least similar to the keeper, where a mistake would show first. */
  readonly members: readonly number[];
}

/** The largest clusters; what else is equal is told apart by merit, so that the order of the input does not matter. */
export function largestClusters({ keeper, similarity, fate }: Duplicates, merits: Merits): Cluster[] {
  const sizes = new Uint32Array(keeper.length);
  for (const kept of keeper) sizes[kept]!++;
  const keepers = best(
    sizes.keys().filter((row) => (sizes[row] as number) > 1),
    CLUSTERS,
    (left, right) => (sizes[right] as number) - (sizes[left] as number) || merits.compare(left, right),
  );
  const worstFirst = (left: number, right: number) =>
    (similarity[left] as number) - (similarity[right] as number) || merits.compare(left, right);
  const members = new Map<number, number[]>(keepers.map((row) => [row, []]));
  for (let row = 0; row < keeper.length; row++) {
    const known = fate[row] === STAYS ? undefined : members.get(keeper[row] as number);
    if (known) insert(known, row, MEMBERS, worstFirst);
  }
  return keepers.map((row) => ({ keeper: row, rows: sizes[row] as number, members: members.get(row) as number[] }));
}

type Order = (left: number, right: number) => number;

/** The first `most` of all rows in that order, without sorting the others. */
function best(rows: Iterable<number>, most: number, order: Order): number[] {
  const found: number[] = [];
  for (const row of rows) insert(found, row, most, order);
  return found;
}

/** Puts a row in its place among the first `most`, or nowhere. */
function insert(rows: number[], row: number, most: number, order: Order): void {
  if (rows.length === most && order(rows[most - 1] as number, row) <= 0) return;
  let place = rows.length;
  while (place > 0 && order(row, rows[place - 1] as number) < 0) place--;
  rows.splice(place, 0, row);
  if (rows.length > most) rows.pop();
}
