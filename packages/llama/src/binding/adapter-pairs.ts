import { CogumiError } from '@cogumi/contracts';
import type { Address, Tensors } from './tensors.ts';

/** A matrix of an adapter in llama.cpp's memory, row-major with rows of `width` elements. */
export interface Matrix {
  readonly tensor: Address;
  readonly data: Address;
  /** `ggml_type`. */
  readonly type: number;
  readonly width: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/** The two matrices that an adapter adds to one weight: W·x + factor · B·(A·x). A is [rank, input], B is [output, rank]. */
export interface AdapterPair {
  readonly a: Matrix;
  readonly b: Matrix;
  /** alpha / rank, as llama.cpp computes it. */
  readonly factor: number;
}

/** What one adapter adds to the graph of a pass. */
export interface AdapterPairs {
  /** By the name of the weight. */
  readonly pairs: ReadonlyMap<string, AdapterPair>;
  /** Places in a graph where one of the pairs is added. */
  readonly places: number;
}

/** Collects the pairs of an adapter from the nodes of a pass that uses it alone, with scale 1. */
export function collectPairs(tensors: Tensors): { visit(node: Address): void; result(): AdapterPairs } {
  const { operations } = tensors;
  const node = tensors.createReader();
  const source = tensors.createReader();
  const down = new Map<Address, { weight: string; a: Matrix }>();
  const up = new Map<Address, { weight: string; a: Matrix; b: Matrix }>();
  const pairs = new Map<string, AdapterPair>();
  let places = 0;

  const matrix = (address: Address): Matrix => ({
    tensor: address,
    data: source.data,
    type: source.type,
    width: source.size(0),
    rows: source.size(1),
    rowBytes: source.stride(1),
  });
  return {
    visit(address) {
      const operation = node.at(address).operation;
      if (operation === operations.scale) {
        const pair = up.get(node.source(0));
        if (!pair) return;
        places++;
        pairs.set(pair.weight, { a: pair.a, b: pair.b, factor: node.factor });
        return;
      }
      const { matMul, matMulById, getRows } = operations;
      if (operation !== matMul && operation !== matMulById && operation !== getRows) return;
      const from = node.source(0);
      const match = /^(.*)\.lora_([ab])$/.exec(source.at(from).name);
      if (!match) return;
      const [, weight, part] = match as unknown as [string, string, string];
      if (operation !== matMul || source.size(2) !== 1 || node.size(2) !== 1 || node.size(3) !== 1) {
        throw new CogumiError(
          'MIXED_ADAPTERS',
          `An adapter changes "${weight}", which is not a plain matrix.`,
          'Requests with different adapters take turns.',
        );
      }
      const before = down.get(node.source(1));
      if (part === 'a') down.set(address, { weight, a: matrix(from) });
      else if (before?.weight === weight) up.set(address, { ...before, b: matrix(from) });
    },
    result: () => ({ pairs, places }),
  };
}
