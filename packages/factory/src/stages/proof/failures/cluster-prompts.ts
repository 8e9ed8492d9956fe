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

export interface PromptClusters extends ClusterChoice {
  /** Of each prompt, on the two directions in which prompts differ most. */
  readonly map: readonly (readonly [number, number])[];
  /** Share of the variance that the map shows; 0, if all prompts are equal. */
  readonly explained: number;
  /** Prompts of each cluster, the nearest to its centre first. */
  readonly members: readonly (readonly number[])[];
}

/**
 * Clusters prompts by their hidden states. Each feature is standardized over the prompts, since few of them have most of the variance
 * and say little of a prompt (Timkey & van Schijndel 2021), and each prompt is divided by its length. Of what was tried this finds
 * planted families of questions best (README).
 *
 * @param embedded - At least one.
 * @param clusters - null: chosen by silhouette.
 */
export function clusterPrompts(
  embedded: readonly Float32Array[],
  clusters: number | null,
  random: Random,
): PromptClusters {
  const points = standardizedDirections(gatherPoints(embedded));
  const choice = chooseClusters(points, { random: random.fork('clusters'), clusters });
  const components = principalComponents(points, 2, random.fork('map'));
  const flat = project(points, components);
  const at = (point: number, column: number) =>
    column < flat.width ? (flat.values[point * flat.width + column] ?? 0) : 0;
  const shown = components.variances.reduce((sum, variance) => sum + variance, 0);
  return {
    ...choice,
    map:
      choice.labels.length === 0 ? [] : Array.from(choice.labels, (_, point) => [at(point, 0), at(point, 1)] as const),
    explained: components.total > 0 ? shown / components.total : 0,
    members: choice.sizes.map((_, cluster) => {
      const own = [...choice.labels.keys()].filter((point) => choice.labels[point] === cluster);
      const distances = new Map(own.map((point) => [point, squaredDistance(points, point, choice.centres, cluster)]));
      return own.sort((left, right) => distances.get(left)! - distances.get(right)! || left - right);
    }),
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
