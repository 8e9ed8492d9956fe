import { CogumiError } from '@cogumi/contracts';
import type { ModelHost } from '@cogumi/llama';

/** After this many crashes within the window something is broken, not unlucky (chosen). */
const MAX_DEATHS = 3;
const WINDOW_MS = 60_000;

/** The model keeps crashing or has been closed. The request can be sent again after `retryAfterSeconds`. */
export class ModelUnavailableError extends CogumiError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, cause?: unknown) {
    super('MODEL_UNAVAILABLE', message, 'Check the bundle with `cogumi verify`. The server keeps trying.', {
      cause,
    });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Supervises the process of one model. When the process dies, the next request loads the model again. After three deaths
 * within a minute it refuses requests until the minute is over, so that a broken machine is not kept busy with loading.
 */
export class ModelSupervisor {
  readonly #open: () => Promise<ModelHost>;
  readonly #now: () => number;
  readonly #deaths: number[] = [];
  #host: Promise<ModelHost> | null = null;
  #pid: number | null = null;
  #closed = false;

  constructor(open: () => Promise<ModelHost>, now: () => number = () => performance.now()) {
    this.#open = open;
    this.#now = now;
  }

  /** The running model; loads it if necessary. @throws ModelUnavailableError, and what loading throws. */
  host(): Promise<ModelHost> {
    if (this.#closed) return Promise.reject(new ModelUnavailableError('The model has been closed.', 1));
    if (this.#host) return this.#host;
    const starting = this.#start();
    this.#host = starting;
    starting.catch(() => {
      this.#host = null;
    });
    return starting;
  }

  /** Process id; null while no model is loaded. */
  get pid(): number | null {
    return this.#pid;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const host = await this.#host?.catch(() => null);
    await host?.close();
  }

  async #start(): Promise<ModelHost> {
    const now = this.#now();
    while (this.#deaths.length > 0 && (this.#deaths[0] as number) <= now - WINDOW_MS) this.#deaths.shift();
    if (this.#deaths.length >= MAX_DEATHS) {
      const waitMs = (this.#deaths[0] as number) + WINDOW_MS - now;
      throw new ModelUnavailableError(
        `The model's process died ${this.#deaths.length} times within ${WINDOW_MS / 1000} s.`,
        Math.ceil(waitMs / 1000),
      );
    }
    const host = await this.#open();
    this.#pid = host.pid;
    void host.died.then(() => {
      this.#deaths.push(this.#now());
      this.#host = null;
      this.#pid = null;
    });
    return host;
  }
}
