import { CogumiError } from '@cogumi/contracts';
import type { ModelHost } from '@cogumi/llama';

/** Restarts after which something is broken for good rather than unlucky (chosen). */
const MOST_DEATHS = 3;
const WINDOW_MS = 60_000;

/** The model could not be kept alive, or is just coming back: the request may be sent again later. */
export class ModelUnavailableError extends CogumiError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, cause?: unknown) {
    super('MODEL_UNAVAILABLE', message, 'Verify the bundle with `cogumi verify`; the server goes on trying.', {
      cause,
    });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Keeps one model loaded. When its process dies, the next request loads it anew; after three deaths in a minute it waits
 * until the minute is over, so that a broken machine is not kept busy by loading.
 */
export class ModelKeeper {
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

  /** The living model, loaded if there is none. @throws ModelUnavailableError, or what loading throws. */
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

  /** null while nothing is loaded. */
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
    if (this.#deaths.length >= MOST_DEATHS) {
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
