import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { chooseClusters } from './choose-clusters.ts';
import { kMeans } from './k-means.ts';
import { gatherPoints } from './points.ts';
import { principalComponents, project } from './principal-components.ts';
import { measureDistances, silhouette } from './silhouette.ts';

const random = () => createRandom('clustering');
const blob = (at: number) => at % 4;

/** 120 points of 5 numbers around 4 places. Whole numbers, so that Python computes the same ones (EXPECTED). */
const rows = Array.from({ length: 120 }, (_, i) =>
  Array.from({ length: 5 }, (_, j) => ((i * i * 37 + j * j * 101 + i * j * 13) % 100) + (j === blob(i) ? 200 : 0)),
);
const points = gatherPoints(rows);

/** Of `rows` by scikit-learn 1.9.1: KMeans(k, n_init=50), silhouette_score, PCA. */
const EXPECTED = {
  inertia: [
    [2, 2791236.6666666665],
    [4, 530453.3333333331],
    [6, 458604.88888888864],
  ],
  silhouette: 0.6622839119673626,
  variances: [11238.965411546846, 10434.008198415211, 9967.584346662987],
  first: [0.6186829361315406, 0.36256921518472834, -0.5708463423465684, -0.3990454575612729, -0.02592614451175973],
  point: [124.08860844239129, 75.00551028883753, -98.85229319457216],
} as const;

describe('kMeans', () => {
  it('finds clusters as tight as those of scikit-learn, the same each time', () => {
    for (const [clusters, inertia] of EXPECTED.inertia) {
      const found = kMeans(points, clusters, { random: random() });
      // Both stop at local minima; at six clusters these are the better ones.
      expect(found.inertia / inertia).toBeLessThan(1.001);
      expect(found.sizes).toEqual([...found.sizes].sort((left, right) => right - left));
      expect(kMeans(points, clusters, { random: random() })).toEqual(found);
    }
    expect(kMeans(points, 4, { random: random() }).inertia).toBeCloseTo(EXPECTED.inertia[1][1], 6);
  });

  it('makes no more clusters than there are different points', () => {
    const twice = gatherPoints([
      [1, 2],
      [1, 2],
      [5, 5],
      [1, 2],
    ]);
    expect(kMeans(twice, 3, { random: random() })).toMatchObject({ sizes: [3, 1], inertia: 0 });
    const equal = gatherPoints([[3], [3], [3]]);
    expect(kMeans(equal, 2, { random: random() })).toMatchObject({ sizes: [3], inertia: 0 });
    expect(kMeans(gatherPoints([[3]]), 10, { random: random() }).sizes).toEqual([1]);
  });

  it('refuses no cluster, and points that no distance can be measured of', () => {
    expect(() => kMeans(points, 0, { random: random() })).toThrow('0 clusters; at least 1 is needed');
    expect(() =>
      gatherPoints([
        [1, 2],
        [1, Number.NaN],
      ]),
    ).toThrow('number 1 of point 1 is NaN, not finite');
    expect(() => gatherPoints([[1, 2], [1]])).toThrow('point 1 has 1 numbers; point 0 has 2');
    expect(() => gatherPoints([])).toThrow('there are no points');
  });
});

describe('silhouette', () => {
  it('agrees with scikit-learn', () => {
    const labels = rows.map((_, at) => blob(at));
    expect(silhouette(measureDistances(points, random()), labels)).toBeCloseTo(EXPECTED.silhouette, 10);
  });

  it('counts a point that is alone as 0, and has no value for one cluster', () => {
    const three = measureDistances(gatherPoints([[0], [1], [10]]), random());
    // By hand: (10 - 1) / 10, (9 - 1) / 9 and 0.
    expect(silhouette(three, [0, 0, 1])).toBeCloseTo((0.9 + 8 / 9) / 3, 12);
    expect(silhouette(three, [0, 0, 0])).toBeNull();
    expect(silhouette(three, [0, 1, 2])).toBe(0);
  });

  it('is estimated on a sample above its bound', () => {
    const labels = rows.map((_, at) => blob(at));
    const sampled = measureDistances(points, random(), 60);
    expect(sampled).toMatchObject({ exact: false });
    expect(sampled.measured).toHaveLength(60);
    expect(Math.abs((silhouette(sampled, labels) as number) - EXPECTED.silhouette)).toBeLessThan(0.05);
  });
});

describe('chooseClusters', () => {
  it('finds how many clusters there are, on all points and on a sample', () => {
    for (const measured of [120, 60]) {
      const found = chooseClusters(points, { random: random(), clusters: null, measured });
      expect(found.sizes).toEqual([30, 30, 30, 30]);
      expect(found.tried.map(({ clusters }) => clusters)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(found.exact).toBe(measured === 120);
      for (const [at, label] of found.labels.entries()) expect(label).toBe(found.labels[blob(at)]);
    }
  });

  it('takes the number that is given, or as many as there can be', () => {
    expect(chooseClusters(points, { random: random(), clusters: 10 }).sizes).toHaveLength(10);
    const few = gatherPoints([[0], [1], [10]]);
    expect(chooseClusters(few, { random: random(), clusters: 10 }).sizes).toEqual([1, 1, 1]);
    expect(chooseClusters(few, { random: random(), clusters: null }).sizes).toEqual([2, 1]);
  });

  it('makes one cluster of points that are all equal, of two points and of one', () => {
    for (const same of [[[1], [1], [1], [1]], [[1], [2]], [[1]]]) {
      const found = chooseClusters(gatherPoints(same), { random: random(), clusters: null });
      expect(found).toMatchObject({ sizes: [same.length], silhouette: null, tried: [] });
    }
  });
});

describe('principalComponents', () => {
  it('agrees with scikit-learn', () => {
    const found = principalComponents(points, 3, random());
    for (const [at, variance] of EXPECTED.variances.entries()) expect(found.variances[at]).toBeCloseTo(variance, 5);
    for (const [at, value] of EXPECTED.first.entries()) expect(found.directions[0]?.[at]).toBeCloseTo(value, 6);
    const projected = project(points, found);
    for (const [at, value] of EXPECTED.point.entries()) expect(projected.values[at]).toBeCloseTo(value, 4);
  });

  it('has fewer directions where points span fewer, and none where they are equal', () => {
    const line = gatherPoints([
      [0, 0, 0],
      [1, 2, 2],
      [2, 4, 4],
    ]);
    const found = principalComponents(line, 2, random());
    expect(found.variances).toHaveLength(1);
    expect(found.variances[0]).toBeCloseTo(6, 12);
    expect(
      principalComponents(
        gatherPoints([
          [1, 1],
          [1, 1],
        ]),
        2,
        random(),
      ).directions,
    ).toEqual([]);
  });
});
