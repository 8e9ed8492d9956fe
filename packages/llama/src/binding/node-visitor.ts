import koffi from 'koffi';
import type { Pointer } from './library.ts';
import type { Address } from './tensors.ts';

/** `ggml_backend_sched_eval_callback`. Numbers are handed over faster than pointers. */
const CALLBACK = koffi.pointer(koffi.proto('bool llama_eval_callback(uintptr_t node, bool ask, uintptr_t data)'));

/**
 * Visits the nodes of llama.cpp's graphs. The callback of a context is asked about each node whether its result is wanted; it never
 * is, so that all nodes are asked for before the first one is computed, and the graph is computed in one go.
 */
export class NodeVisitor {
  /** For `cb_eval` of a context. */
  readonly callback: Pointer;
  #visit: ((node: Address) => void) | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor() {
    this.callback = koffi.register((node: number): boolean => {
      if (this.#visit !== null) this.#call(node);
      return false;
    }, CALLBACK);
  }

  /** Ends the visit of the graph that is being visited. */
  skipRest(): void {
    this.#visit = null;
  }

  /** Visits each node of the graphs that are computed in `run`, in the order of the graph. @throws what `visit` throws, after `run`. */
  during(visit: (node: Address) => void, run: () => void): void {
    this.#visit = visit;
    this.#failure = null;
    try {
      run();
    } finally {
      this.#visit = null;
    }
    if (this.#failure !== null) throw (this.#failure as { error: unknown }).error;
  }

  /** An exception must not cross native code. */
  #call(node: Address): void {
    try {
      this.#visit?.(node);
    } catch (error) {
      this.#failure = { error };
      this.#visit = null;
    }
  }
}
