import type { Random } from '../random/random.ts';
import { type Points, pickPoints, squaredDistance } from './points.ts';

/**
 * First centres of k-means by greedy k-means++ (Arthur & Vassilvitskii 2007): each is drawn among the points in proportion to its squared
 * distance from those before it, `2 + ln(clusters)` times, and the draw that leaves the least inertia is taken.
 *
 * @returns As many points as clusters, or as there are different points if those are fewer.
 */
export function seedCentres(points: Points, clusters: number, random: Random): Points {
  const { count } = points;
  const draws = 2 + Math.floor(Math.log(clusters));
  const seeds = [random.integer(0, count - 1)];
  let distances = nearer(points, seeds[0] as number, new Float64Array(count).fill(Number.POSITIVE_INFINITY));
  while (seeds.length < clusters) {
    const total = sum(distances);
    if (total === 0) break;
    let best: { seed: number; left: Float64Array; inertia: number } | null = null;
    for (let draw = 0; draw < draws; draw++) {
      const seed = drawAt(distances, random.next() * total);
      const left = nearer(points, seed, distances);
      const inertia = sum(left);
      if (best === null || inertia < best.inertia) best = { seed, left, inertia };
    }
    const { seed, left } = best as NonNullable<typeof best>;
    seeds.push(seed);
    distances = left;
  }
  return pickPoints(points, seeds);
}

/** The distance of each point to the nearest seed, after one seed more. */
function nearer(points: Points, seed: number, distances: Float64Array): Float64Array {
  return distances.map((distance, point) => Math.min(distance, squaredDistance(points, point, points, seed)));
}

/** The point at which the running sum of the weights exceeds `mark`; never one of weight 0. */
function drawAt(weights: Float64Array, mark: number): number {
  let left = mark;
  let last = 0;
  for (const [at, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = at;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
