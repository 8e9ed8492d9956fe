import type { Random } from '../random/random.ts';
import type { Points } from './points.ts';

/** Directions more than are asked for, and most rounds: as in Halko, Martinsson & Tropp 2011, with rounds to spare for close variances (chosen). */
const EXTRA = 8;
const ROUNDS = 60;
/** Rounds end when no variance that is asked for changes by more than this share (chosen). */
const SETTLED = 1e-9;

export interface PrincipalComponents {
  /** Mean of the points. */
  readonly mean: Float64Array;
  /** Orthonormal directions, the one of the largest variance first; the largest number of each is positive. */
  readonly directions: readonly Float64Array[];
  /** Variance along each direction. */
  readonly variances: readonly number[];
  /** Variance along all directions together. */
  readonly total: number;
}

/**
 * Principal components by block power iteration with Rayleigh-Ritz (subspace iteration; Halko, Martinsson & Tropp 2011), which never
 * forms the covariance matrix.
 *
 * @param count - Directions; there are fewer where the points span fewer.
 * @param random - Draws the first directions; the result depends on them by rounding only, unless variances are equal.
 */
export function principalComponents(points: Points, count: number, random: Random): PrincipalComponents {
  const { width } = points;
  const mean = meanOf(points);
  const centred = { ...points, values: points.values.map((value, at) => value - (mean[at % width] as number)) };
  const total = centred.values.reduce((sum, value) => sum + value * value, 0) / points.count;
  const size = Math.min(width, points.count, count + EXTRA);
  let basis = orthonormal(
    Array.from({ length: size }, () => Float64Array.from({ length: width }, () => random.next() - 0.5)),
  );
  let variances: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    basis = orthonormal(basis.map((direction) => covarianceTimes(centred, direction)));
    const before = variances;
    [basis, variances] = rotate(centred, basis);
    const wanted = variances.slice(0, count);
    const most = SETTLED * (variances[0] ?? 0);
    if (round > 0 && wanted.every((variance, at) => Math.abs(variance - (before[at] ?? 0)) <= most)) break;
  }
  return { mean, directions: basis.slice(0, count).map(fixSign), variances: variances.slice(0, count), total };
}

/** Coordinates of points along the directions, shape [count, directions]. */
export function project({ values, count, width }: Points, { mean, directions }: PrincipalComponents): Points {
  const projected = new Float64Array(count * directions.length);
  for (let point = 0; point < count; point++) {
    for (const [column, direction] of directions.entries()) {
      let sum = 0;
      for (let at = 0; at < width; at++) {
        sum += ((values[point * width + at] as number) - (mean[at] as number)) * (direction[at] as number);
      }
      projected[point * directions.length + column] = sum;
    }
  }
  return { values: projected, count, width: directions.length };
}

function meanOf({ values, count, width }: Points): Float64Array {
  const mean = new Float64Array(width);
  for (const [at, value] of values.entries()) (mean[at % width] as number) += value;
  return mean.map((sum) => sum / count);
}

function covarianceTimes(points: Points, direction: Float64Array): Float64Array {
  const { values, count, width } = points;
  const along = coordinates(points, direction);
  const product = new Float64Array(width);
  for (let point = 0; point < count; point++) {
    const weight = (along[point] as number) / count;
    for (let at = 0; at < width; at++) (product[at] as number) += weight * (values[point * width + at] as number);
  }
  return product;
}

function coordinates({ values, count, width }: Points, direction: Float64Array): Float64Array {
  const along = new Float64Array(count);
  for (let point = 0; point < count; point++) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += (values[point * width + at] as number) * (direction[at] as number);
    along[point] = sum;
  }
  return along;
}

/** Modified Gram-Schmidt, twice against rounding. Directions that depend on others are left out. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const kept: Float64Array[] = [];
  for (const vector of vectors) {
    const before = Math.sqrt(dot(vector, vector));
    let rest = vector;
    for (let pass = 0; pass < 2; pass++) {
      for (const other of kept) {
        const share = dot(rest, other);
        rest = rest.map((value, at) => value - share * (other[at] as number));
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    // What is left of a dependent vector is rounding of its 16 digits.
    if (length > 1e-12 * before && before > 0) kept.push(rest.map((value) => value / length));
  }
  return kept;
}

/** Turns a basis into the directions of extreme variance within its span. */
function rotate(points: Points, basis: readonly Float64Array[]): [Float64Array[], number[]] {
  const along = basis.map((direction) => coordinates(points, direction));
  const matrix = along.map((left) => along.map((right) => dot(left, right) / points.count));
  const { values, vectors } = symmetricEigen(matrix);
  const order = values.map((_, at) => at).sort((left, right) => (values[right] as number) - (values[left] as number));
  const turned = order.map((column) => {
    const direction = new Float64Array(points.width);
    for (const [row, part] of basis.entries()) {
      const weight = (vectors[row] as number[])[column] as number;
      for (let at = 0; at < direction.length; at++) (direction[at] as number) += weight * (part[at] as number);
    }
    return direction;
  });
  return [turned, order.map((column) => values[column] as number)];
}

/** Eigenvalues and eigenvectors (columns) of a small symmetric matrix, by cyclic Jacobi rotations (Golub & Van Loan, 8.5). */
function symmetricEigen(matrix: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const vectors = a.map((_, row) => a.map((_, column) => (row === column ? 1 : 0)));
  const at = (rows: number[][], row: number, column: number) => (rows[row] as number[])[column] as number;
  const turn = (rows: number[][], row: number, p: number, q: number, cosine: number, sine: number) => {
    const [left, right] = [at(rows, row, p), at(rows, row, q)];
    (rows[row] as number[])[p] = cosine * left - sine * right;
    (rows[row] as number[])[q] = sine * left + cosine * right;
  };
  const scale = a.flat().reduce((sum, entry) => sum + entry * entry, 0);
  // 30 sweeps are far more than the 6 to 10 that Jacobi needs.
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const entry = at(a, p, q);
        off += entry * entry;
        if (entry === 0) continue;
        const theta = (at(a, q, q) - at(a, p, p)) / (2 * entry);
        const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        const sine = tangent * cosine;
        for (let row = 0; row < size; row++) turn(a, row, p, q, cosine, sine);
        for (let column = 0; column < size; column++) {
          const [upper, lower] = [at(a, p, column), at(a, q, column)];
          (a[p] as number[])[column] = cosine * upper - sine * lower;
          (a[q] as number[])[column] = sine * upper + cosine * lower;
        }
        for (let row = 0; row < size; row++) turn(vectors, row, p, q, cosine, sine);
      }
    }
    if (off <= 1e-30 * scale) break;
  }
  return { values: a.map((_, diagonal) => at(a, diagonal, diagonal)), vectors };
}

/** Of the two directions of a line, the one whose largest number is positive. */
function fixSign(direction: Float64Array): Float64Array {
  let largest = 0;
  for (const value of direction) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? direction.map((value) => -value) : direction;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] as number) * (right[at] as number);
  return sum;
}
