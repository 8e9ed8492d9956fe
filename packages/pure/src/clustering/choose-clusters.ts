import type { Random } from '../random/random.ts';
import { type Clustering, kMeans } from './k-means.ts';
import { type Points, pickPoints } from './points.ts';
import { measureDistances, silhouette } from './silhouette.ts';

/** Most clusters that are tried: more than a reader can compare (chosen). */
export const MOST_CLUSTERS = 12;

/** Starts for each number that is tried (chosen: enough to compare numbers; the one that is taken gets more). */
const RESTARTS_TO_TRY = 4;

export interface ClusterChoice extends Clustering {
  /** Of the clustering; null: it has one cluster. */
  readonly silhouette: number | null;
  /** False: the silhouettes are those of a sample. */
  readonly exact: boolean;
  /** The numbers of clusters that were tried, with their silhouettes. */
  readonly tried: readonly { readonly clusters: number; readonly silhouette: number }[];
}

export interface ClusterOptions {
  readonly random: Random;
  /** Number of clusters; null: the one from 2 to `most` with the largest silhouette, the smaller of equal ones. */
  readonly clusters: number | null;
  readonly most?: number;
  /** Points up to which silhouettes are exact; numbers of clusters are tried on so many. */
  readonly measured?: number;
}

/**
 * Clusters points, and chooses how many clusters there are. Where there are more points than `measured`, the number is chosen on a sample.
 */
export function chooseClusters(points: Points, options: ClusterOptions): ClusterChoice {
  const { random, most = MOST_CLUSTERS } = options;
  const distances = measureDistances(points, random.fork('sample'), options.measured);
  const { exact, measured } = distances;
  const clusterInto = (clusters: number, tried: ClusterChoice['tried']): ClusterChoice => {
    const clustering = kMeans(points, clusters, { random: random.fork(`k-${clusters}`) });
    return { ...clustering, silhouette: silhouette(distances, clustering.labels), exact, tried };
  };
  if (options.clusters !== null) return clusterInto(options.clusters, []);

  const own = exact ? points : pickPoints(points, measured);
  const ownDistances = { ...distances, measured: measured.map((_, at) => at) };
  const tried: { clusters: number; silhouette: number }[] = [];
  for (let clusters = 2; clusters <= Math.min(most, own.count - 1); clusters++) {
    const { centres, labels } = kMeans(own, clusters, {
      ...{ random: random.fork(`try-${clusters}`), restarts: RESTARTS_TO_TRY },
    });
    // Fewer different points than clusters: more clusters cannot be found.
    if (centres.count < clusters) break;
    tried.push({ clusters, silhouette: silhouette(ownDistances, labels) ?? 0 });
  }
  const best = tried.reduce((kept, next) => (next.silhouette > kept.silhouette ? next : kept), {
    ...{ clusters: 1, silhouette: Number.NEGATIVE_INFINITY },
  });
  return clusterInto(best.clusters, tried);
}
