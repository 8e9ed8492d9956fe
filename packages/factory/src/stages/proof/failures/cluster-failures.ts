import {
  type ClusterChoice,
  chooseClusters,
  gatherPoints,
  type Points,
  principalComponents,
  project,
  type Random,
  squaredDistance,
} from '@cogumi/pure';

export interface ClusteredFailures {
  /** Cluster of each failure; the largest is 0. */
  readonly labels: readonly number[];
  /** Mean of the failures whose domain has more than one cluster; null: none has. */
  readonly silhouette: number | null;
  /** False: the silhouettes are those of a sample. */
  readonly exact: boolean;
  /** The numbers of clusters that were tried of each domain, with their silhouettes; of all domains together `domain` is left out. */
  readonly tried: readonly { readonly domain?: string; readonly clusters: number; readonly silhouette: number }[];
  /** Of each failure, on the two directions in which failures differ most. */
  readonly map: readonly (readonly [number, number])[];
  /** Share of the variance that the map shows; 0, if all failures are equal. */
  readonly explained: number;
  /** Failures of each cluster, the nearest to its centre first. */
  readonly members: readonly (readonly number[])[];
}

/**
 * Clusters failures by the hidden states of their questions and answers. Each feature is standardized over the failures, since few of them
 * have most of the variance and say little of a text (Timkey & van Schijndel 2021), and each failure is divided by its length. Of what was
 * tried this finds planted families of questions best (README). Failures of different domains, which are known to differ, are clustered
 * apart: of all together the largest silhouette is often that of the domains.
 *
 * @param embedded - At least one.
 * @param domains - Of each failure.
 * @param clusters - Of all domains together; null: of each domain, chosen by silhouette.
 */
export function clusterFailures(
  embedded: readonly Float32Array[],
  domains: readonly string[],
  clusters: number | null,
  random: Random,
): ClusteredFailures {
  const all = embedded.map((_, at) => at);
  const byDomain = Map.groupBy(all, (at) => domains[at]!);
  const parts = clusters === null && byDomain.size > 1 ? [...byDomain] : [[undefined, all] as const];
  const found = parts.map(([domain, own]) => {
    const points = standardizedDirections(gatherPoints(own.map((at) => embedded[at]!)));
    const part = domain === undefined ? random : random.fork(domain);
    const choice = chooseClusters(points, { random: part.fork('clusters'), clusters });
    const tried = choice.tried.map((one) => (domain === undefined ? one : { domain, ...one }));
    return {
      ...choice,
      tried,
      prompts: own,
      members: membersOf(points, choice).map((some) => some.map((at) => own[at]!)),
    };
  });
  const members = found.flatMap((part) => part.members).sort((one, other) => other.length - one.length);
  const labels = Array<number>(embedded.length).fill(0);
  for (const [cluster, own] of members.entries()) for (const at of own) labels[at] = cluster;
  const split = found.flatMap(({ silhouette, prompts }) =>
    silhouette === null ? [] : [{ silhouette, size: prompts.length }],
  );
  const sum = split.reduce((total, { silhouette, size }) => total + silhouette * size, 0);
  return {
    ...{ labels, members, ...mapOf(embedded, random) },
    silhouette: split.length === 0 ? null : sum / split.reduce((total, { size }) => total + size, 0),
    exact: found.every(({ exact }) => exact),
    tried: found.flatMap(({ tried }) => tried),
  };
}

/** Points of each cluster, the nearest to its centre first. */
function membersOf(points: Points, { labels, centres, sizes }: ClusterChoice): number[][] {
  return sizes.map((_, cluster) => {
    const own = [...labels.keys()].filter((point) => labels[point] === cluster);
    const distances = new Map(own.map((point) => [point, squaredDistance(points, point, centres, cluster)]));
    return own.sort((left, right) => distances.get(left)! - distances.get(right)! || left - right);
  });
}

function mapOf(embedded: readonly Float32Array[], random: Random): Pick<ClusteredFailures, 'map' | 'explained'> {
  const points = standardizedDirections(gatherPoints(embedded));
  const components = principalComponents(points, 2, random.fork('map'));
  const flat = project(points, components);
  const at = (point: number, column: number) =>
    column < flat.width ? (flat.values[point * flat.width + column] ?? 0) : 0;
  const shown = components.variances.reduce((sum, variance) => sum + variance, 0);
  return {
    map: embedded.map((_, point) => [at(point, 0), at(point, 1)] as const),
    explained: components.total > 0 ? shown / components.total : 0,
  };
}

function standardizedDirections({ values, count, width }: Points): Points {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (const [at, value] of values.entries()) mean[at % width]! += value / count;
  for (const [at, value] of values.entries()) variance[at % width]! += (value - mean[at % width]!) ** 2 / count;
  const turned = values.map((value, at) => {
    const deviation = Math.sqrt(variance[at % width]!);
    // A feature that all prompts share tells none from another.
    return deviation > 0 ? (value - mean[at % width]!) / deviation : 0;
  });
  for (let point = 0; point < count; point++) {
    const own = turned.subarray(point * width, (point + 1) * width);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    // A prompt at the mean has no direction.
    if (length > 0) for (const [at, value] of own.entries()) own[at] = value / length;
  }
  return { values: turned, count, width };
}
