import { CogumiError } from '@cogumi/contracts';
import type { Entry } from './native-batch.ts';
import type { NodeVisitor } from './node-visitor.ts';
import { type Address, type Tensors, TYPE } from './tensors.ts';

/**
 * Receives the output of a layer: the hidden states of all tokens of a pass, shape [tokens, hidden], row-major. A copy, which the next layer
 * overwrites.
 *
 * @returns False: the rest of the pass is not computed.
 */
export type ReadLayer = (layer: number, states: Float32Array) => boolean;

/**
 * Reads outputs of layers while a pass is computed, and may end the pass there: llama.cpp's scheduler leaves a graph whose callback returns
 * false (`ggml_backend_sched_compute_splits`), and `llama_decode` returns as if all had been computed. Where a graph has several parts, as
 * with a GPU, the parts behind it are computed from what was in memory; nothing of it may be used.
 */
export class LayerReader {
  readonly #tensors: Tensors;
  readonly #visitor: NodeVisitor;
  readonly #hiddenSize: number;

  constructor(tensors: Tensors, visitor: NodeVisitor, hiddenSize: number) {
    this.#tensors = tensors;
    this.#visitor = visitor;
    this.#hiddenSize = hiddenSize;
  }

  /**
   * Runs a pass over tokens of one sequence.
   *
   * @param layers - From 0, ascending.
   * @returns False: `read` ended the pass. The cache then has to be cleared of its tokens.
   * @throws CogumiError LAYER_UNREADABLE if the graph has no such output for each token.
   */
  pass({ length: tokens }: readonly Entry[], layers: readonly number[], read: ReadLayer, run: () => void): boolean {
    const names = new Map(layers.map((layer) => [`l_out-${layer}`, layer]));
    const node = this.#tensors.createReader();
    const states = new Float32Array(tokens * this.#hiddenSize);
    let ended = false;
    const reader = {
      wants: (address: Address) => names.has(this.#tensors.nameOf(address)),
      read: (address: Address) => {
        const { name } = node.at(address);
        const layer = names.get(name) as number;
        names.delete(name);
        const shape = [0, 1, 2, 3].map((dimension) => node.size(dimension));
        const expected = [this.#hiddenSize, tokens, 1, 1];
        if (node.type !== TYPE.f32 || node.stride(1) !== 4 * this.#hiddenSize || shape.join() !== expected.join()) {
          throw unreadable(layer, `it has the shape [${shape.join(', ')}] instead of [${expected.join(', ')}]`);
        }
        this.#tensors.readData(states, address);
        ended = !read(layer, states);
        if (ended || names.size === 0) this.#visitor.skipRest();
        return !ended;
      },
    };
    this.#visitor.reading(reader, run);
    const [missing] = names.values();
    if (!ended && missing !== undefined) throw unreadable(missing, 'the graph of this architecture does not name it');
    return !ended;
  }
}

function unreadable(layer: number, why: string): CogumiError {
  return new CogumiError(
    'LAYER_UNREADABLE',
    `The output of layer ${layer} cannot be read: ${why}.`,
    'Use a router that reads the last hidden state.',
  );
}
