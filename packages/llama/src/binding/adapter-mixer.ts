import type { Columns, Owner } from './adapter-columns.ts';
import { type AdapterPairs, collectPairs } from './adapter-pairs.ts';
import { AdapterStack, cannotMix } from './adapter-stack.ts';
import type { Entry } from './native-batch.ts';
import type { NodeVisitor } from './node-visitor.ts';
import type { Address, Tensors } from './tensors.ts';

/** One token of a pass in which tokens have different adapters. */
export interface MixedEntry extends Entry {
  /** Null: the base without an adapter. */
  readonly adapter: string | null;
  readonly scale: number;
}

/**
 * Passes whose tokens have different adapters, although llama.cpp sets adapters for all tokens of a context.
 *
 * llama.cpp adds `factor · B·(A·x)` to the result of a weight. Before a graph is computed, its callback for nodes sees all of them; there
 * this product becomes one that takes for each token the matrices of its adapter, and the factor becomes one for each token, 0 for the
 * base. Memory, shapes and order of the graph stay as llama.cpp planned them. A changed graph that llama.cpp uses again needs only new
 * ids and factors.
 */
export class AdapterMixer {
  readonly #tensors: Tensors;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #visitor: NodeVisitor;
  readonly #known = new Map<string, AdapterPairs>();
  #stack: AdapterStack | null = null;
  /** Counts stacks: a graph with the tensors of an earlier one must not be used again. */
  #version = 0;

  /** @param visitor - Of the context. @param most - Most tokens of a pass. @param mostBytes - Of stacked matrices. */
  constructor(tensors: Tensors, visitor: NodeVisitor, most: number, mostBytes: number) {
    this.#tensors = tensors;
    this.#visitor = visitor;
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** Bytes of the stacked matrices; 0: nothing is stacked yet. */
  get bytes(): number {
    return this.#stack?.bytes ?? 0;
  }

  /** Adapters of which `learn` has not seen a pass. */
  unknown(names: readonly string[]): string[] {
    return names.filter((name) => !this.#known.has(name));
  }

  /** Learns what an adapter changes. @param run - Computes a pass with this adapter alone, in a new graph. @throws CogumiError MIXED_ADAPTERS. */
  learn(name: string, run: () => void): void {
    const collected = collectPairs(this.#tensors);
    this.#visitor.during(collected.visit, run);
    const pairs = collected.result();
    if (pairs.places === 0) throw cannotMix(`adapter "${name}" changes nothing that is known`);
    this.#known.set(name, pairs);
  }

  /**
   * Adapters to set in the context before a mixed pass. Their scale is no scale of a request: with it llama.cpp builds another graph than
   * for the same adapters alone, and another one for each stack. Its value has no effect, since all factors are replaced.
   */
  carriers(names: readonly string[]): { readonly names: readonly string[]; readonly scale: number } {
    const missing = names.filter((name) => !this.#stack?.names.includes(name));
    if (missing.length > 0) this.#restack([...(this.#stack?.names ?? []), ...missing]);
    return { names: (this.#stack as AdapterStack).carriers, scale: 1e-30 * (1 + (this.#version % 1000)) };
  }

  /**
   * Runs a pass. @param run - Decodes the entries, as one part: sequences side by side with equally many tokens each.
   * @throws CogumiError MIXED_ADAPTERS when the graph is not as expected; what the pass computed is then worthless.
   */
  pass(entries: readonly MixedEntry[], run: () => void): void {
    const stack = this.#stack as AdapterStack;
    const owners = entries.map(({ adapter, scale }) => ({
      adapter: adapter === null ? -1 : stack.names.indexOf(adapter),
      scale,
    }));
    const outputs = owners.filter((_, at) => (entries[at] as MixedEntry).output);
    stack.setOwners('tokens', owners);
    stack.setOwners('outputs', outputs);
    const changer = new GraphChanger(this.#tensors, stack, entries, owners, outputs);
    this.#visitor.during((node) => {
      if (changer.visit(node)) this.#visitor.skipRest();
    }, run);
    changer.check();
  }

  /** An adapter is about to be unloaded: its matrices must not be used any more. */
  forget(name: string): void {
    if (this.#known.delete(name) && this.#stack?.names.includes(name)) this.release();
  }

  /** Frees the stack. Graphs that use it are not computed again: the next mixed pass has another scale. */
  release(): void {
    this.#stack?.free();
    this.#stack = null;
    this.#version++;
  }

  #restack(names: readonly string[]): void {
    this.release();
    const known = new Map(names.map((name) => [name, this.#known.get(name) as AdapterPairs] as const));
    this.#stack = new AdapterStack(this.#tensors, known, this.#most, this.#mostBytes);
  }
}

/** Changes the graph of one mixed pass, or finds that it was changed in an earlier one. */
class GraphChanger {
  readonly #tensors: Tensors;
  readonly #stack: AdapterStack;
  readonly #entries: readonly MixedEntry[];
  readonly #counts: Readonly<Record<Columns, number>>;
  readonly #node;
  readonly #down = new Map<Address, Address>();
  readonly #up = new Map<Address, { readonly downNode: Address; readonly a: Address }>();
  #tokensChecked = false;
  #changed = 0;
  #again = false;

  constructor(
    tensors: Tensors,
    stack: AdapterStack,
    entries: readonly MixedEntry[],
    owners: readonly Owner[],
    outputs: readonly Owner[],
  ) {
    this.#tensors = tensors;
    this.#stack = stack;
    this.#entries = entries;
    this.#counts = { tokens: owners.length, outputs: outputs.length };
    this.#node = tensors.createReader();
  }

  /** @returns True when the rest of the graph need not be seen. */
  visit(address: Address): boolean {
    const { matMul, matMulById, scale, multiply, getRows } = this.#tensors.operations;
    const node = this.#node.at(address);
    switch (node.operation) {
      case getRows:
        if (!this.#tokensChecked) this.#checkTokens(node.source(1));
        return false;
      case matMul: {
        const from = node.source(0);
        if (this.#stack.placeOf(from)) this.#down.set(address, from);
        const a = this.#down.get(node.source(1));
        if (a !== undefined && this.#stack.isB(from)) this.#up.set(address, { downNode: node.source(1), a });
        return false;
      }
      case scale: {
        const product = node.source(0);
        const up = this.#up.get(product);
        if (up) this.#change(address, product, up.downNode, up.a, node.size(1));
        return false;
      }
      case multiply:
      case matMulById:
        this.#again = this.#changed === 0 && this.#stack.isOwn(node.source(node.operation === multiply ? 1 : 0));
        return this.#again;
      default:
        return false;
    }
  }

  /** @throws CogumiError MIXED_ADAPTERS unless every place was changed and the tokens are those of the pass. */
  check(): void {
    if (!this.#tokensChecked) throw cannotMix('the graph does not read tokens where it is expected');
    if (!this.#again && this.#changed !== this.#stack.places) {
      throw cannotMix(`${this.#changed} of ${this.#stack.places} places were found in the graph`);
    }
  }

  #change(scaleNode: Address, upNode: Address, downNode: Address, a: Address, columns: number): void {
    this.#changed++;
    // No output is wanted, so the last layer has no columns and is not computed.
    if (columns === 0) return;
    const place = this.#stack.placeOf(a) as NonNullable<ReturnType<AdapterStack['placeOf']>>;
    const kind = this.#kindOf(columns);
    const { operations } = this.#tensors;
    if (place.stacked) {
      const ids = place.columns.ids(kind);
      for (const [node, stacked] of [
        [downNode, place.stacked.a],
        [upNode, place.stacked.b],
      ] as const) {
        this.#tensors.setSource(node, 0, stacked);
        this.#tensors.setSource(node, 2, ids);
        this.#tensors.setOperation(node, operations.matMulById);
      }
    }
    this.#tensors.setSource(scaleNode, 1, place.columns.factors(kind));
    this.#tensors.setOperation(scaleNode, operations.multiply);
  }

  #kindOf(columns: number): Columns {
    if (columns === this.#counts.tokens) return 'tokens';
    if (columns === this.#counts.outputs) return 'outputs';
    throw cannotMix(
      `the graph has ${columns} columns where the pass has ${this.#counts.tokens} tokens and ${this.#counts.outputs} outputs`,
    );
  }

  /** The first rows that a graph reads are embeddings of its tokens: they have to be those of the pass, in its order. */
  #checkTokens(ids: Address): void {
    const tensor = this.#tensors.createReader().at(ids);
    const count = tensor.size(0);
    const bytes = Buffer.alloc(4 * this.#entries.length);
    if (count === this.#entries.length) this.#tensors.read(bytes, tensor.data, bytes.length);
    const wrong =
      count !== this.#entries.length || this.#entries.some(({ token }, at) => bytes.readInt32LE(4 * at) !== token);
    if (wrong) throw cannotMix('llama.cpp has split a pass in another way than expected');
    this.#tokensChecked = true;
  }
}
