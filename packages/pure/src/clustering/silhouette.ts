import type { Random } from '../random/random.ts';
import { type Points, pickPoints, squaredDistance } from './points.ts';

/** Points up to which every pair is measured; among more, so many are drawn (chosen: 2,000 take 32 MB of distances). */
export const MOST_MEASURED = 2000;

/** Points with the distances between them, for the silhouettes of several clusterings of the same points. */
export interface Distances {
  /** Indices of the points that are measured, ascending. */
  readonly measured: Int32Array;
  /** False: they are a sample, and silhouettes are estimates. */
  readonly exact: boolean;
  /** Euclidean distances, shape [measured, measured]. */
  readonly values: Float64Array;
}

/** @param random - Draws the sample where there are more points than `most`. */
export function measureDistances(points: Points, random: Random, most = MOST_MEASURED): Distances {
  const exact = points.count <= most;
  const all = Array.from({ length: points.count }, (_, at) => at);
  const measured = Int32Array.from(exact ? all : random.sample(all, most)).sort();
  const picked = pickPoints(points, measured);
  const count = measured.length;
  const values = new Float64Array(count * count);
  for (let left = 0; left < count; left++) {
    for (let right = 0; right < left; right++) {
      const distance = Math.sqrt(squaredDistance(picked, left, picked, right));
      values[left * count + right] = distance;
      values[right * count + left] = distance;
    }
  }
  return { measured, exact, values };
}

/**
 * Mean silhouette (Rousseeuw 1987): how much nearer points are to their own cluster than to the next one. A point that is alone in its
 * cluster counts 0. Of a sample, the members of a cluster are those in the sample (as `sample_size` of scikit-learn).
 *
 * @param labels - Cluster of each point, measured or not.
 * @returns From -1 to 1; up to 0.25 there is no structure to speak of (Kaufman & Rousseeuw 1990). null: fewer than two clusters.
 */
export function silhouette({ measured, values }: Distances, labels: ArrayLike<number>): number | null {
  const names = measured.map((point) => labels[point] as number);
  const clusters = Math.max(...new Set(names)) + 1;
  const sizes = new Float64Array(clusters);
  for (const name of names) (sizes[name] as number)++;
  if (sizes.filter((size) => size > 0).length < 2) return null;
  const count = measured.length;
  let total = 0;
  for (let point = 0; point < count; point++) {
    const own = names[point] as number;
    if (sizes[own] === 1) continue;
    const sums = new Float64Array(clusters);
    for (let other = 0; other < count; other++) {
      (sums[names[other] as number] as number) += values[point * count + other] as number;
    }
    const within = (sums[own] as number) / ((sizes[own] as number) - 1);
    let between = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      if (cluster === own || sizes[cluster] === 0) continue;
      between = Math.min(between, (sums[cluster] as number) / (sizes[cluster] as number));
    }
    const larger = Math.max(within, between);
    // All points at one place: neither near nor far.
    if (larger > 0) total += (between - within) / larger;
  }
  return total / count;
}
