import type { Runtime } from '../runtime.ts';

interface Served {
  readonly runtime: Runtime;
  requests: number;
  /** Called when the last request has ended; null while this runtime takes new ones. */
  onIdle: (() => void) | null;
}

/** The runtime that answers new requests. When another takes its place, requests under way end where they began. */
export class RuntimeSwitch {
  #served: Served;
  /** Loads of the models of those before. */
  #loads = 0;

  constructor(runtime: Runtime) {
    this.#served = { runtime, requests: 0, onIdle: null };
  }

  get current(): Runtime {
    return this.#served.runtime;
  }

  /** Times that a model was loaded. */
  get loads(): number {
    return this.#loads + this.current.loads;
  }

  /** The runtime for one request. @returns `release` is called when all work for the request has ended. */
  take(): { readonly runtime: Runtime; readonly release: () => void } {
    const served = this.#served;
    served.requests++;
    return {
      runtime: served.runtime,
      release: () => {
        served.requests--;
        if (served.requests === 0) served.onIdle?.();
      },
    };
  }

  /** New requests go to another runtime. Resolves when the last request of the one before has ended; the caller closes that one. */
  async replace(runtime: Runtime): Promise<void> {
    const before = this.#served;
    this.#loads += before.runtime.loads;
    this.#served = { runtime, requests: 0, onIdle: null };
    if (before.requests === 0) return;
    await new Promise<void>((resolve) => {
      before.onIdle = resolve;
    });
  }
}
