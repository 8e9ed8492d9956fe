import koffi from 'koffi';
import type { Pointer } from './library.ts';
import type { Address } from './tensors.ts';

/** `ggml_backend_sched_eval_callback`. Numbers are handed over faster than pointers. */
const CALLBACK = koffi.pointer(koffi.proto('bool llama_eval_callback(uintptr_t node, bool ask, uintptr_t data)'));

/** What is done with the nodes of a graph. */
export interface NodeReader {
  /** A node that is not computed yet. @returns True: its result is wanted, so the graph is computed up to here. */
  wants(node: Address): boolean;
  /** A wanted node has been computed. @returns False: what follows in its part of the graph is not computed. */
  read(node: Address): boolean;
}

/**
 * Visits the nodes of llama.cpp's graphs. The callback of a context is asked about each node whether its result is wanted. Where none is,
 * all nodes are asked for before the first one is computed, and the graph is computed in one go.
 */
export class NodeVisitor {
  /** For `cb_eval` of a context. */
  readonly callback: Pointer;
  #reader: NodeReader | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor() {
    this.callback = koffi.register((node: number, ask: boolean): boolean => {
      if (this.#reader === null) return !ask;
      return this.#call(node, ask);
    }, CALLBACK);
  }

  /** Ends the visit of the graph that is being visited. */
  skipRest(): void {
    this.#reader = null;
  }

  /** Visits each node of the graphs that are computed in `run`, in the order of the graph. @throws what `visit` throws, after `run`. */
  during(visit: (node: Address) => void, run: () => void): void {
    const wants = (node: Address) => {
      visit(node);
      return false;
    };
    this.reading({ wants, read: () => true }, run);
  }

  /** The same, and reads the results of nodes. @throws what the reader throws, after `run`. */
  reading(reader: NodeReader, run: () => void): void {
    this.#reader = reader;
    this.#failure = null;
    try {
      run();
    } finally {
      this.#reader = null;
    }
    if (this.#failure !== null) throw (this.#failure as { error: unknown }).error;
  }

  /** An exception must not cross native code. */
  #call(node: Address, ask: boolean): boolean {
    try {
      return this.#reader?.[ask ? 'wants' : 'read'](node) ?? !ask;
    } catch (error) {
      this.#failure = { error };
      this.#reader = null;
      return false;
    }
  }
}
