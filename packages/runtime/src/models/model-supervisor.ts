import { CogumiError } from '@cogumi/contracts';
import type { ModelHost, ModelInfo, ModelStatistics } from '@cogumi/llama';

/** A process that has lived this long was not broken from the start: its death counts as the first one (chosen). */
const STABLE_MS = 60_000;
/** The first restart comes at once. Then the wait doubles from one second to a minute, to spare a broken machine (chosen). */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A scrape or a question about health waits no longer for a model that is in a long pass (chosen). */
const STATISTICS_MS = 1000;

/** The model cannot answer now. The request can be sent again after `retryAfterSeconds`. */
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
 * `ok`: it answers. `restarting`: its process died and it is being loaded; requests wait. `down`: it died or could not be loaded
 * several times in a row; requests are refused until the next attempt.
 */
export type ModelHealth =
  | { readonly status: 'ok' | 'restarting' }
  | { readonly status: 'down'; readonly reason: string; readonly retryAfterSeconds: number };

/** The wait before the next attempt to load the model. */
interface Wait {
  readonly until: number;
  readonly cause: Error;
  readonly timer: NodeJS.Timeout;
}

/** Supervises the process of one model. When the process dies, the model is loaded again, also while nobody asks. */
export class ModelSupervisor {
  readonly #open: (signal: AbortSignal) => Promise<ModelHost>;
  readonly #closed = new AbortController();
  #host: Promise<ModelHost> | null = null;
  #running: ModelHost | null = null;
  #lastStatistics: ModelStatistics | null = null;
  #loads = 0;
  /** Deaths and failed loads in a row. */
  #failures = 0;
  #wait: Wait | null = null;

  /** @param open - Loads the model; the signal is aborted by `close`. */
  constructor(open: (signal: AbortSignal) => Promise<ModelHost>) {
    this.#open = open;
  }

  /** Loads the model for the first time. @throws what loading throws; then the model is not loaded again. */
  async start(): Promise<ModelHost> {
    try {
      return await this.#load();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** The running model; waits while it is being loaded. @throws ModelUnavailableError. */
  async host(): Promise<ModelHost> {
    if (this.#closed.signal.aborted) throw new ModelUnavailableError('The model has been closed.', 1);
    try {
      if (this.#host) return await this.#host;
    } catch {
      // The wait says why.
    }
    const { cause, seconds } = this.#waiting();
    throw new ModelUnavailableError(`The model is not loaded: ${cause.message}`, seconds, cause);
  }

  get health(): ModelHealth {
    if (this.#running !== null) return { status: 'ok' };
    if (!this.#wait) return { status: 'restarting' };
    const { cause, seconds } = this.#waiting();
    return {
      status: 'down',
      reason: cause instanceof CogumiError ? cause.code : 'UNEXPECTED',
      retryAfterSeconds: seconds,
    };
  }

  /** Process id; null while no model is loaded. */
  get pid(): number | null {
    return this.#running?.pid ?? null;
  }

  /** Facts about the model; null while none is loaded. Another start may have measured other things. */
  get info(): ModelInfo | null {
    return this.#running?.info ?? null;
  }

  /** What the model's process has done and takes now; null while none runs, or if it does not say so in time. */
  async statistics(waitMs = STATISTICS_MS): Promise<ModelStatistics | null> {
    const running = this.#running;
    const late = new Promise<null>((resolve) => setTimeout(resolve, waitMs, null).unref());
    const statistics = await Promise.race([running?.statistics().catch(() => null) ?? null, late]);
    if (statistics !== null && running === this.#running) this.#lastStatistics = statistics;
    return statistics;
  }

  /** What the model's process said last; null if it has not been asked. */
  get lastStatistics(): ModelStatistics | null {
    return this.#lastStatistics;
  }

  /** Times that the model was loaded. */
  get loads(): number {
    return this.#loads;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#wait?.timer);
    const host = await this.#host?.catch(() => null);
    await host?.close();
  }

  #waiting(): { cause: Error; seconds: number } {
    if (!this.#wait) return { cause: new Error('it has been closed'), seconds: 1 };
    const { cause, until } = this.#wait;
    return { cause, seconds: Math.max(1, Math.ceil((until - performance.now()) / 1000)) };
  }

  #load(): Promise<ModelHost> {
    this.#wait = null;
    this.#host = this.#open(this.#closed.signal).then((host) => {
      const loadedAt = performance.now();
      this.#running = host;
      this.#loads++;
      void host.died.then((death) => {
        if (performance.now() - loadedAt > STABLE_MS) this.#failures = 0;
        this.#recover(death);
      });
      return host;
    });
    return this.#host;
  }

  /** Loads the model again: at once after a first failure, later after a wait. */
  #recover(cause: Error): void {
    this.#running = null;
    this.#lastStatistics = null;
    this.#host = null;
    if (this.#closed.signal.aborted) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, this.#failures === 0 ? 0 : FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    this.#failures++;
    const again = () => this.#load().catch((error: Error) => this.#recover(error));
    if (waitMs === 0) void again();
    else this.#wait = { until: performance.now() + waitMs, cause, timer: setTimeout(again, waitMs) };
  }
}
