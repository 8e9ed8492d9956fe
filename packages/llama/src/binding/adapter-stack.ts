import { CogumiError } from '@cogumi/contracts';
import { AdapterColumns, type Columns, type Owner } from './adapter-columns.ts';
import type { AdapterPair, AdapterPairs, Matrix } from './adapter-pairs.ts';
import type { Pointer } from './library.ts';
import { type Address, type Tensors, TYPE } from './tensors.ts';

/** Types whose rows can be filled up to another rank; the others have blocks of several elements. */
const PLAIN: readonly number[] = [TYPE.f32, TYPE.f16, TYPE.bf16];

/** What is changed at the place of a pair in a graph. */
export interface Place {
  /** Stacked matrices, [columns, rows, adapters]; null: there is one adapter, and its own matrices stay. */
  readonly stacked: { readonly a: Address; readonly b: Address } | null;
  readonly columns: AdapterColumns;
}

/**
 * The matrices of several adapters, stacked for each weight, so that one product takes for each token the matrix of its adapter
 * (as for the experts of a mixture). Matrices of a lower rank are filled up with zeros.
 *
 * The graph comes from llama.cpp with the adapters in `carriers` set; at their places the stacked matrices stand in.
 */
export class AdapterStack {
  readonly names: readonly string[];
  readonly carriers: readonly string[];
  /** Places of pairs in a graph that is built with the carriers. */
  readonly places: number;
  readonly bytes: number;
  readonly #tensors: Tensors;
  readonly #context: Pointer;
  /** By the address of the carrier's A. */
  readonly #byCarrier = new Map<Address, Place>();
  readonly #upMatrices = new Set<Address>();
  readonly #own = new Set<Address>();
  readonly #columns = new Map<string, AdapterColumns>();

  /**
   * @param most - Most tokens of a pass. @param mostBytes - Of the matrices: one adapter of a high rank makes those of all others as large.
   * @throws CogumiError MIXED_ADAPTERS when the adapters cannot be stacked.
   */
  constructor(tensors: Tensors, adapters: ReadonlyMap<string, AdapterPairs>, most: number, mostBytes: number) {
    this.#tensors = tensors;
    this.names = [...adapters.keys()];
    const all = [...adapters.values()];
    const carriers = carriersOf(adapters);
    this.carriers = carriers.map(([name]) => name);
    this.places = carriers.reduce((sum, [, { places }]) => sum + places, 0);

    const weights = new Set(all.flatMap(({ pairs }) => [...pairs.keys()]));
    const plans = [...weights].map((weight) => planOf(weight, all, carriers));
    const sets = new Set(plans.flatMap((plan) => [plan.key, zeroKey(plan.rows)]));
    const matrixBytes = plans.reduce((sum, { bytes }) => sum + bytes, 0);
    if (matrixBytes > mostBytes) {
      throw cannotMix(
        `filled up to the highest rank they take ${megabytes(matrixBytes)}, and there is room for ${megabytes(mostBytes)}`,
      );
    }
    const stackBytes = matrixBytes + plans.length * 2 * tensors.overhead;
    this.bytes = stackBytes + sets.size * AdapterColumns.bytes(tensors, most);
    this.#context = tensors.createContext(this.bytes);
    if (!this.#context) throw cannotMix(`there is no memory for ${megabytes(this.bytes)} of stacked adapters`);

    for (const plan of plans) {
      const columns = this.#columnsOf(plan.key, plan.rows, plan.places, plan.factors, most);
      const stacked = plan.pairs.length === 1 ? null : this.#stack(plan);
      this.#put(plan.carrier, { stacked, columns });
      // A weight may have several carriers; what the others would add is multiplied by zero.
      const none = this.names.map(() => -1);
      const zero = plan.others.length > 0 && this.#columnsOf(zeroKey(plan.rows), plan.rows, none, none, most);
      if (zero) for (const pair of plan.others) this.#put(pair, { stacked: null, columns: zero });
    }
  }

  /** What is changed where the A of a carrier is used; undefined: the tensor is no A of a carrier. */
  placeOf(a: Address): Place | undefined {
    return this.#byCarrier.get(a);
  }

  /** Whether a tensor is the B of a carrier. */
  isB(tensor: Address): boolean {
    return this.#upMatrices.has(tensor);
  }

  /** Whether a tensor was made for this stack, so that a graph that uses it was changed before. */
  isOwn(tensor: Address): boolean {
    return this.#own.has(tensor);
  }

  setOwners(columns: Columns, owners: readonly Owner[]): void {
    for (const set of this.#columns.values()) set.set(columns, owners);
  }

  free(): void {
    this.#tensors.free(this.#context);
  }

  #put(carrier: AdapterPair, place: Place): void {
    const { stacked, columns } = place;
    this.#byCarrier.set(carrier.a.tensor, place);
    this.#upMatrices.add(carrier.b.tensor);
    for (const part of ['tokens', 'outputs'] as const) this.#own.add(columns.factors(part));
    if (stacked) for (const tensor of [stacked.a, stacked.b]) this.#own.add(tensor);
  }

  #columnsOf(key: string, rows: number, places: readonly number[], factors: readonly number[], most: number) {
    const columns =
      this.#columns.get(key) ?? new AdapterColumns(this.#tensors, this.#context, rows, places, factors, most);
    this.#columns.set(key, columns);
    return columns;
  }

  #stack({ pairs, rank, carrier }: Plan): { a: Address; b: Address } {
    const stacked = (matrices: readonly Matrix[], like: Matrix) => {
      const sizes = [like.width, like.rows, matrices.length];
      const tensor = this.#tensors.create(this.#context, like.type, sizes);
      const { data } = this.#tensors.createReader().at(tensor);
      const layer = like.rowBytes * like.rows;
      const target = new Uint8Array(this.#tensors.view(data, layer * matrices.length)).fill(0);
      for (const [at, matrix] of matrices.entries()) this.#copy(matrix, target.subarray(at * layer), like.rowBytes);
      return tensor;
    };
    if (carrier.a.rows !== rank) throw new RangeError('the carrier of a weight has the highest rank');
    return {
      a: stacked(
        pairs.map(({ a }) => a),
        carrier.a,
      ),
      b: stacked(
        pairs.map(({ b }) => b),
        carrier.b,
      ),
    };
  }

  #copy({ data, rows, rowBytes }: Matrix, target: Uint8Array, targetRowBytes: number): void {
    const source = new Uint8Array(this.#tensors.view(data, rowBytes * rows));
    if (rowBytes === targetRowBytes) return target.set(source);
    for (let row = 0; row < rows; row++) {
      target.set(source.subarray(row * rowBytes, (row + 1) * rowBytes), row * targetRowBytes);
    }
  }
}

/** The matrices of one weight. */
interface Plan {
  readonly pairs: readonly AdapterPair[];
  /** The pair whose place the stack takes: it has the highest rank. */
  readonly carrier: AdapterPair;
  readonly others: readonly AdapterPair[];
  readonly rank: number;
  /** Rows of B. */
  readonly rows: number;
  /** For each adapter its place in the stack, -1 for none, and its factor. */
  readonly places: readonly number[];
  readonly factors: readonly number[];
  readonly key: string;
  readonly bytes: number;
}

function planOf(
  weight: string,
  adapters: readonly AdapterPairs[],
  carriers: readonly (readonly [string, AdapterPairs])[],
): Plan {
  const own = adapters.map(({ pairs }) => pairs.get(weight));
  const pairs = own.filter((pair) => pair !== undefined);
  const rank = Math.max(...pairs.map(({ a }) => a.rows));
  const carrying = carriers.flatMap(([, adapter]) => adapter.pairs.get(weight) ?? []);
  const carrier = carrying.find(({ a }) => a.rows === rank) as AdapterPair;
  let place = 0;
  const places = own.map((pair) => (pair ? place++ : -1));
  const factors = own.map((pair) => pair?.factor ?? 0);
  const rows = carrier.b.rows;
  let bytes = 0;
  if (pairs.length > 1) {
    for (const part of ['a', 'b'] as const) {
      const { type, rowBytes, rows: most } = carrier[part];
      const types = new Set(pairs.map((pair) => pair[part].type));
      const widths = new Set(pairs.map((pair) => pair[part].width));
      if (types.size > 1 || (widths.size > 1 && !PLAIN.includes(type))) {
        throw cannotMix(
          `"${weight}" has types ${[...types].join(', ')} and rows of ${[...widths].join(', ')} in adapters`,
        );
      }
      bytes += rowBytes * most * pairs.length;
    }
  }
  const key = JSON.stringify([AdapterColumns.width(rows), places, factors]);
  const others = carrying.filter((pair) => pair !== carrier);
  return { pairs, carrier, others, rank, rows, places, factors, key, bytes };
}

function zeroKey(rows: number): string {
  return `zero ${AdapterColumns.width(rows)}`;
}

/** One adapter that changes every weight with the highest rank, if there is one; otherwise all of them. */
function carriersOf(adapters: ReadonlyMap<string, AdapterPairs>): (readonly [string, AdapterPairs])[] {
  const all = [...adapters];
  const covers = ([, one]: readonly [string, AdapterPairs]) =>
    all.every(([, other]) =>
      [...other.pairs].every(([weight, { a }]) => (one.pairs.get(weight)?.a.rows ?? -1) >= a.rows),
    );
  const single = all.find(covers);
  return single ? [single] : all;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toPrecision(3)} MB`;

export function cannotMix(why: string): CogumiError {
  return new CogumiError('MIXED_ADAPTERS', `Adapters cannot be mixed in one pass: ${why}.`, 'They take turns instead.');
}
