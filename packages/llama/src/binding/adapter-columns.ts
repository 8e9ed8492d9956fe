import type { Pointer } from './library.ts';
import { type Address, type Tensors, TYPE } from './tensors.ts';

/** Which adapter a token belongs to. */
export interface Owner {
  /** Its place among the adapters of the stack; -1: the base. */
  readonly adapter: number;
  /** 1: as it was trained. */
  readonly scale: number;
}

/** All tokens of a pass, or those whose output is wanted: the last layer computes only these. */
export type Columns = 'tokens' | 'outputs';

/** Longest run of equal factors for one token. Rows of them are multiplied at once (chosen: a few vector registers). */
const WIDEST = 32;

/** Tensors that say for each column of a pass which matrix of a stack it takes, and the factor of the result: 0 for the base. */
export class AdapterColumns {
  readonly #tensors: Tensors;
  readonly #places: readonly number[];
  readonly #factors: readonly number[];
  readonly #width: number;
  readonly #parts: Readonly<Record<Columns, Part>>;

  /**
   * @param rows - Rows of the result.
   * @param places - For each adapter its place in the stack of this weight; -1: the adapter leaves the weight as it is.
   * @param factors - For each adapter its factor at scale 1.
   * @param most - Most columns.
   */
  constructor(
    tensors: Tensors,
    context: Pointer,
    rows: number,
    places: readonly number[],
    factors: readonly number[],
    most: number,
  ) {
    this.#tensors = tensors;
    this.#places = places;
    this.#factors = factors;
    this.#width = AdapterColumns.width(rows);
    const part = () => createPart(tensors, context, this.#width, most);
    this.#parts = { tokens: part(), outputs: part() };
  }

  /** Largest power of two that divides the rows, so that a run of factors can be repeated over them. */
  static width(rows: number): number {
    let width = 1;
    while (width < WIDEST && rows % (2 * width) === 0) width *= 2;
    return width;
  }

  /** Memory that a set of columns takes, tensors included. */
  static bytes(tensors: Tensors, most: number): number {
    return 2 * (2 * tensors.overhead + 4 * most * (1 + WIDEST));
  }

  /** Tensor of the matrix that each column takes, [columns, 1]. */
  ids(columns: Columns): Address {
    return this.#parts[columns].ids;
  }

  /** Tensor of factors, [width, columns]. */
  factors(columns: Columns): Address {
    return this.#parts[columns].factors;
  }

  set(columns: Columns, owners: readonly Owner[]): void {
    const part = this.#parts[columns];
    const width = this.#width;
    if (part.count !== owners.length) {
      part.count = owners.length;
      this.#tensors.setSizes(part.ids, 4, [owners.length, 1]);
      this.#tensors.setSizes(part.factors, 4, [width, owners.length]);
    }
    owners.forEach(({ adapter, scale }, at) => {
      const place = adapter < 0 ? -1 : (this.#places[adapter] as number);
      part.idValues[at] = Math.max(place, 0);
      const factor = place < 0 ? 0 : (this.#factors[adapter] as number) * scale;
      part.factorValues.fill(factor, at * width, (at + 1) * width);
    });
  }
}

interface Part {
  readonly ids: Address;
  readonly idValues: Int32Array;
  readonly factors: Address;
  readonly factorValues: Float32Array;
  count: number;
}

function createPart(tensors: Tensors, context: Pointer, width: number, most: number): Part {
  const reader = tensors.createReader();
  const dataOf = (tensor: Address, bytes: number) => tensors.view(reader.at(tensor).data, bytes);
  const ids = tensors.create(context, TYPE.i32, [most, 1]);
  const factors = tensors.create(context, TYPE.f32, [width, most]);
  return {
    ids,
    idValues: new Int32Array(dataOf(ids, 4 * most)),
    factors,
    factorValues: new Float32Array(dataOf(factors, 4 * width * most)),
    count: most,
  };
}
