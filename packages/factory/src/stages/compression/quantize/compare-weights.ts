import { type FileHandle, open } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { type GgufHeader, type GgufTensor, readGgufHeader } from '@cogumi/llama';
import { simultaneousQuantile } from '@cogumi/pure';

/** What of a quantized file is farthest from its source, as a share of what rounding can explain: above 1 it is something else. */
export interface WeightsCheck {
  /** Tensors that were compared. */
  readonly tensors: number;
  readonly worst: { readonly share: number; readonly where: string };
}

/** How a type rounds: `block` weights share a step, of which there are 2^`bits` values, from their smallest one or around 0. */
interface Grid {
  readonly block: number;
  readonly bits: number;
  readonly around0: boolean;
}

/** By ggml's id; what llama.cpp writes for the types that a recipe can name. */
const GRIDS: Readonly<Record<number, Grid>> = {
  1: { block: 1, bits: 16, around0: true }, // F16, for rows that no block divides
  2: { block: 32, bits: 4, around0: true }, // Q4_0
  6: { block: 32, bits: 5, around0: true }, // Q5_0
  7: { block: 32, bits: 5, around0: false }, // Q5_1
  8: { block: 32, bits: 8, around0: true }, // Q8_0
  12: { block: 32, bits: 4, around0: false }, // Q4_K
  13: { block: 32, bits: 5, around0: false }, // Q5_K
  14: { block: 16, bits: 6, around0: true }, // Q6_K
};

/** A step is stored in 16 bits: this is the largest relative error of that, and the smallest step that they hold (IEEE 754). */
const HALF_ERROR = 2 ** -11;
const LEAST_STEP = 2 ** -24;
/** Weights that are read at a time (chosen: 4 MB of f32). */
const AT_ONCE = 2 ** 20;

/**
 * Compares a quantized file with its source, weight by weight. Two things rounding cannot do, whatever the weights are:
 *
 * - Move a row by more than half a step for each of its weights.
 * - Change the scale of a tensor by more than rounding to the nearest step of these weights does, and the share that its noise has
 *   in them: a search for the best step shrinks them by up to that.
 *
 * @param written - The quantized file; it says which type each tensor has.
 * @param restored - The same weights as 16- or 32-bit floats, as llama.cpp reads them from it.
 * @throws CogumiError GGUF_INVALID; QUANTIZE for a tensor of an unknown type or another shape.
 */
export async function compareWeights(source: string, written: string, restored: string): Promise<WeightsCheck> {
  const headers = await Promise.all([source, written, restored].map((path) => readGgufHeader(path)));
  const [before, types, after] = headers as [GgufHeader, GgufHeader, GgufHeader];
  const files = await Promise.all([open(source), open(restored)]);
  try {
    const deviations = simultaneousQuantile(types.tensors.length);
    let worst = { share: 0, where: 'no weight' };
    for (const { name, type } of types.tensors) {
      const [own, other] = [before, after].map(({ tensors }) => tensors.find((tensor) => tensor.name === name));
      if (!own || !other || String(own.shape) !== String(other.shape)) throw otherTensor(written, name);
      const grid = own.type === type ? null : GRIDS[type];
      if (grid === undefined) throw otherTensor(written, name);
      const pairs = rowPairs([files[0] as FileHandle, before, own], [files[1] as FileHandle, after, other]);
      const found = await compareTensor(pairs, grid, deviations);
      if (found.share > worst.share) worst = { share: found.share, where: `${found.what} of ${name}` };
    }
    return { tensors: types.tensors.length, worst };
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

function otherTensor(path: string, name: string): CogumiError {
  const message = `${path}: tensor ${JSON.stringify(name)} is not the source's in a type that a recipe can name.`;
  return new CogumiError('QUANTIZE', message, 'Take another `quantize.type`.');
}

/** @param grid - null: the weights must be the same. */
async function compareTensor(
  pairs: AsyncIterable<readonly [Float32Array, Float32Array]>,
  grid: Grid | null,
  deviations: number,
): Promise<{ share: number; what: string }> {
  let farthest = { share: 0, what: 'row 0' };
  const sums = { weights: 0, squares: 0, noise: 0, along: 0, nearestAlong: 0 };
  let number = 0;
  for await (const [before, after] of pairs) {
    const row = compareRow(before, after, grid, sums);
    if (row > farthest.share) farthest = { share: row, what: `row ${number}` };
    number++;
  }
  if (grid === null || sums.squares === 0) return farthest;
  const noise = sums.noise / sums.squares;
  const expected = Math.abs(sums.nearestAlong) / sums.squares + noise + deviations * Math.sqrt(noise / sums.weights);
  const scale = Math.abs(sums.along) / sums.squares / expected;
  return scale > farthest.share ? { share: scale, what: 'the scale' } : farthest;
}

/** Adds a row to the sums. @returns Its squared error as a share of the largest that rounding to the nearest step can make. */
function compareRow(
  before: Float32Array,
  after: Float32Array,
  grid: Grid | null,
  sums: Record<'weights' | 'squares' | 'noise' | 'along' | 'nearestAlong', number>,
): number {
  let [error, largest] = [0, 0];
  const block = grid?.block ?? before.length;
  for (let start = 0; start < before.length; start += block) {
    const { low, step, reach } = grid ? stepOf(before, start, grid) : { low: 0, step: 0, reach: 0 };
    const inverse = step > 0 ? 1 / step : 0;
    for (let at = start; at < start + block; at++) {
      const weight = before[at] as number;
      const moved = (after[at] as number) - weight;
      error += moved * moved;
      sums.squares += weight * weight;
      sums.along += moved * weight;
      sums.nearestAlong += (low + step * Math.floor((weight - low) * inverse + 0.5) - weight) * weight;
    }
    largest += block * (step / 2 + reach * HALF_ERROR + LEAST_STEP) ** 2;
    sums.noise += (block * step * step) / 12;
  }
  sums.weights += before.length;
  const share = error / largest;
  // What is no number has no form in JSON.
  return Number.isFinite(share) ? share : Number.MAX_VALUE;
}

/** The step of a block, the value that the grid begins at, and the largest weight. */
function stepOf(weights: Float32Array, start: number, { block, bits, around0 }: Grid) {
  let [low, high] = [0, 0];
  for (let at = start; at < start + block; at++) {
    const weight = weights[at] as number;
    if (weight < low) low = weight;
    if (weight > high) high = weight;
  }
  const reach = Math.max(-low, high);
  if (bits === 16) return { low: 0, step: 2 ** (Math.floor(Math.log2(reach)) - 10), reach };
  // Around 0 one value more lies below than above; 8 bits leave it out.
  if (around0) return { low: 0, step: reach / (bits === 8 ? 127 : 2 ** (bits - 1)), reach };
  return { low, step: (high - low) / (2 ** bits - 1), reach };
}

type Placed = readonly [file: FileHandle, header: GgufHeader, tensor: GgufTensor];

/** The rows of two tensors of one shape, side by side. */
async function* rowPairs(before: Placed, after: Placed): AsyncGenerator<readonly [Float32Array, Float32Array]> {
  const [length = 0, ...rest] = before[2].shape;
  const rows = rest.reduce((product, size) => product * size, 1);
  const most = Math.max(1, Math.floor(AT_ONCE / length));
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first);
    const both = await Promise.all([before, after].map((placed) => readRows(placed, first * length, count * length)));
    const [left, right] = both as [Float32Array, Float32Array];
    for (let at = 0; at < count * length; at += length) {
      yield [left.subarray(at, at + length), right.subarray(at, at + length)];
    }
  }
}

/** Bytes of a value of each type of floats, by ggml's id. */
const FLOATS: Readonly<Record<number, number>> = { 0: 4, 1: 2, 30: 2 };

async function readRows(
  [file, header, { name, type, offset }]: Placed,
  from: number,
  count: number,
): Promise<Float32Array> {
  const bytes = FLOATS[type];
  if (bytes === undefined) {
    throw new CogumiError(
      'QUANTIZE',
      `Tensor ${JSON.stringify(name)} is quantized already.`,
      'Quantize an f16 or f32 file.',
    );
  }
  const buffer = new ArrayBuffer(count * bytes);
  await file.read(new Uint8Array(buffer), 0, buffer.byteLength, header.dataOffset + offset + from * bytes);
  if (type === 0) return new Float32Array(buffer);
  if (type === 1) return Float32Array.from(new Float16Array(buffer));
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
}
