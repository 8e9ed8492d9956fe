import type { FailedAnswer } from '@cogumi/contracts';
import type { Kind } from '../../draw-questions.ts';
import { shareOut } from '../../share-out.ts';

/** How many new questions of a kind each cluster gets, by the number of the cluster. */
export interface WantedKind extends Kind {
  readonly byCluster: ReadonlyMap<number, number>;
}

/**
 * New questions for each cluster, over the kinds of questions that failed in it, in proportion to its failures.
 *
 * @param failed - Those of the clusters that count.
 * @param each - Questions a cluster.
 */
export function countKinds(failed: readonly FailedAnswer[], each: number): WantedKind[] {
  const wanted = new Map<string, { kind: Kind; byCluster: Map<number, number> }>();
  for (const [cluster, own] of Map.groupBy(failed, (one) => one.cluster)) {
    if (cluster === null) continue;
    const kinds = [...Map.groupBy(own, ({ task, difficulty }) => `${task} ${difficulty}`)].sort(([one], [other]) =>
      one < other ? -1 : 1,
    );
    const shares = shareOut(
      each,
      kinds.map(([, failures]) => failures.length),
    );
    for (const [at, [name, [first]]] of kinds.entries()) {
      if (shares[at] === 0) continue;
      const { domain, task, difficulty } = first!;
      const found = wanted.get(name) ?? { kind: { domain, task, difficulty }, byCluster: new Map<number, number>() };
      found.byCluster.set(cluster, shares[at]!);
      wanted.set(name, found);
    }
  }
  return [...wanted]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { kind, byCluster }]) => ({ ...kind, byCluster }));
}

/** The cluster of each question of a kind, in turn, so that every cluster has its share where fewer can be had than are wanted. */
export function clustersInTurn({ byCluster }: WantedKind): readonly number[] {
  return [...byCluster]
    .flatMap(([cluster, count]) => Array.from({ length: count }, (_, at) => ({ cluster, place: (at + 0.5) / count })))
    .sort((one, other) => one.place - other.place || one.cluster - other.cluster)
    .map(({ cluster }) => cluster);
}
