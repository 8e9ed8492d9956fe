import type { Random } from '../random/random.ts';
import { type Points, pickPoints, squaredDistance } from './points.ts';
import { seedCentres } from './seed-centres.ts';

export interface Clustering {
  /** Means of the clusters, the largest cluster first. */
  readonly centres: Points;
  /** Cluster of each point. */
  readonly labels: Int32Array;
  /** Points of each cluster. */
  readonly sizes: readonly number[];
  /** Sum of squared distances of the points to their centres. */
  readonly inertia: number;
}

export interface KMeansOptions {
  readonly random: Random;
  /** Starts from other seeds; the one with the least inertia is taken (10: scikit-learn before its version 1.4). */
  readonly restarts?: number;
  /** Most rounds of one start (300: scikit-learn); rounds end earlier when no point changes its cluster. */
  readonly maxRounds?: number;
}

/**
 * k-means (Lloyd 1982) from the seeds of k-means++. Equal points and equal random generators give equal clusters. A cluster that loses
 * all its points gets the point that is furthest from its centre.
 *
 * @param clusters - Most clusters. There are fewer where fewer points are different: one, if all are equal.
 * @throws RangeError for less than one cluster.
 */
export function kMeans(points: Points, clusters: number, options: KMeansOptions): Clustering {
  const { random, restarts = 10, maxRounds = 300 } = options;
  if (!Number.isInteger(clusters) || clusters < 1) throw new RangeError(`${clusters} clusters; at least 1 is needed`);
  let best: Pick<Clustering, 'centres' | 'labels' | 'inertia'> | null = null;
  for (let start = 0; start < restarts; start++) {
    const centres = seedCentres(points, clusters, random.fork(`start-${start}`));
    const found = settle(points, centres, maxRounds);
    if (best === null || found.inertia < best.inertia) best = found;
  }
  return largestFirst(best as NonNullable<typeof best>);
}

/** Moves each centre to the mean of its points, until no point changes its cluster. */
function settle(points: Points, centres: Points, maxRounds: number) {
  const labels = new Int32Array(points.count).fill(-1);
  const distances = new Float64Array(points.count);
  for (let round = 0; ; round++) {
    const moved = assign(points, centres, labels, distances);
    if (!moved || round === maxRounds) break;
    fillEmpty(labels, distances, centres.count);
    moveCentres(points, labels, centres);
  }
  return { centres, labels, inertia: distances.reduce((sum, distance) => sum + distance, 0) };
}

/**
 * Gives each point the label of its nearest centre, its old one where two are equally near. A centre is not measured when it is twice as
 * far from the nearest one so far as the point is: by the triangle inequality it is no nearer (Elkan 2003).
 *
 * @returns Whether a label changed.
 */
function assign(points: Points, centres: Points, labels: Int32Array, distances: Float64Array): boolean {
  const { count } = centres;
  const between = new Float64Array(count * count);
  for (let at = 0; at < between.length; at++) {
    between[at] = squaredDistance(centres, Math.floor(at / count), centres, at % count);
  }
  let changed = false;
  for (let point = 0; point < points.count; point++) {
    const label = labels[point] as number;
    let nearest = Math.max(0, label);
    let least = squaredDistance(points, point, centres, nearest);
    for (let centre = 0; centre < count; centre++) {
      if (centre === nearest || (between[nearest * count + centre] as number) >= 4 * least) continue;
      const distance = squaredDistance(points, point, centres, centre);
      if (distance < least) {
        nearest = centre;
        least = distance;
      }
    }
    if (label !== nearest) changed = true;
    labels[point] = nearest;
    distances[point] = least;
  }
  return changed;
}

function fillEmpty(labels: Int32Array, distances: Float64Array, clusters: number): void {
  const sizes = sizesOf(labels, clusters);
  for (const [cluster, size] of sizes.entries()) {
    if (size > 0) continue;
    let furthest = 0;
    for (const [point, distance] of distances.entries())
      if (distance > (distances[furthest] as number)) furthest = point;
    (sizes[labels[furthest] as number] as number)--;
    labels[furthest] = cluster;
    distances[furthest] = 0;
  }
}

function moveCentres({ values, count, width }: Points, labels: Int32Array, centres: Points): void {
  const sizes = sizesOf(labels, centres.count);
  centres.values.fill(0);
  for (let point = 0; point < count; point++) {
    const into = (labels[point] as number) * width;
    for (let at = 0; at < width; at++) (centres.values[into + at] as number) += values[point * width + at] as number;
  }
  for (const [cluster, size] of sizes.entries()) {
    for (let at = cluster * width; at < (cluster + 1) * width; at++) (centres.values[at] as number) /= size;
  }
}

/** Names clusters by their size, those of one size by their first point, so that names do not depend on the seeds. */
function largestFirst({ centres, labels, inertia }: Pick<Clustering, 'centres' | 'labels' | 'inertia'>): Clustering {
  const sizes = sizesOf(labels, centres.count);
  const order = sizes
    .map((size, cluster) => ({ size, cluster, first: labels.indexOf(cluster) }))
    // A start that ended at its last round may leave a cluster without points.
    .filter(({ size }) => size > 0)
    .sort((left, right) => right.size - left.size || left.first - right.first);
  const names = new Int32Array(sizes.length);
  for (const [name, { cluster }] of order.entries()) names[cluster] = name;
  return {
    centres: pickPoints(
      centres,
      order.map(({ cluster }) => cluster),
    ),
    labels: labels.map((cluster) => names[cluster] as number),
    sizes: order.map(({ size }) => size),
    inertia,
  };
}

function sizesOf(labels: Int32Array, clusters: number): number[] {
  const sizes = new Array<number>(clusters).fill(0);
  for (const label of labels) (sizes[label] as number)++;
  return sizes;
}
