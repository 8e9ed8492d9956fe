import { ApiError } from './api-error.ts';

/** Seconds after which a refused client may try again (chosen: about what a short answer takes). */
const RETRY_AFTER_SECONDS = 2;

interface Waiting {
  readonly places: number;
  /** True: refusing it frees the places that it holds. */
  readonly frees: boolean;
  admit(): void;
  refuse(error: unknown): void;
}

/** The requests of one key. */
interface Line {
  /** Longest waiting first. */
  readonly waiting: Waiting[];
  /** Answers that are made or waited for. */
  held: number;
  /** Answers that are being made. */
  running: number;
}

/**
 * Bounds the answers that are made or waited for, and gives keys turns: the next is of the key of which the fewest are being made, and
 * among those of the one that has waited longest. So none of a key with many requests is begun before another key's first.
 *
 * If there is no place left, the last waiting request of the key that holds most is refused in favour of a key that holds less. No key
 * can keep others out (the same as "longest queue drop" of fair packet queues: Suter et al. 1999).
 */
export class RequestQueue {
  readonly #max: number;
  readonly #parallel: () => number;
  /** In the order of their turns. */
  readonly #lines = new Map<string, Line>();
  #held = 0;
  #running = 0;

  /** @param max - Most answers that are made or waited for. @param parallel - Most that are made at a time. */
  constructor(max: number, parallel: () => number) {
    this.#max = max;
    this.#parallel = parallel;
  }

  /** Answers that are being made. */
  get running(): number {
    return this.#running;
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return [...this.#lines.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /**
   * Takes a place without waiting, for work that needs no turn.
   *
   * @returns A function that releases it.
   * @throws ApiError 429 if none is free.
   */
  hold(key: string, answers = 1): () => void {
    const places = Math.min(answers, this.#max);
    while (this.#held + places > this.#max) if (!this.#makeRoom(key, places)) throw this.#full();
    const line = this.#lines.get(key) ?? { waiting: [], held: 0, running: 0 };
    this.#lines.set(key, line);
    line.held += places;
    this.#held += places;
    return () => {
      line.held -= places;
      this.#held -= places;
      if (line.held === 0) this.#lines.delete(key);
    };
  }

  /**
   * Takes places for the answers of a request, one each, and waits for its turn. A request with more answers than there are places
   * takes all.
   *
   * @returns A function that releases them.
   * @throws ApiError 429 if too few are free; the signal's reason.
   */
  async enter(key: string, answers: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    return this.#wait(key, answers, signal, this.hold(key, answers));
  }

  /**
   * Waits for a turn of a request that has taken its places by `hold`: one of several that it needs.
   *
   * @returns A function that ends the turn.
   * @throws The signal's reason.
   */
  async turn(key: string, answers: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    return this.#wait(key, answers, signal, null);
  }

  /** @param release - Frees places at the end; null: they are freed elsewhere. */
  #wait(key: string, answers: number, signal: AbortSignal, release: (() => void) | null): Promise<() => void> {
    const line = this.#lines.get(key);
    if (line === undefined) throw new RangeError(`the key ${key} holds no place`);
    const { waiting } = line;
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const places = Math.min(answers, this.#parallel());
    const onAbort = () => entry.refuse(signal.reason);
    const entry: Waiting = {
      places,
      frees: release !== null,
      admit: () => {
        signal.removeEventListener('abort', onAbort);
        this.#running += places;
        line.running += places;
        resolve(() => {
          this.#running -= places;
          line.running -= places;
          release?.();
          this.#advance();
        });
      },
      refuse: (error) => {
        signal.removeEventListener('abort', onAbort);
        waiting.splice(waiting.indexOf(entry), 1);
        release?.();
        reject(error);
        this.#advance();
      },
    };
    signal.addEventListener('abort', onAbort, { once: true });
    waiting.push(entry);
    this.#advance();
    return promise;
  }

  /** Admits requests in the order of turns. */
  #advance(): void {
    for (;;) {
      const lines = [...this.#lines].filter(([, { waiting }]) => waiting.length > 0);
      const fewest = Math.min(...lines.map(([, { running }]) => running));
      const [key, line] = lines.find(([, { running }]) => running === fewest) ?? [];
      const next = line?.waiting[0];
      if (key === undefined || line === undefined || next === undefined) return;
      // A request with several answers waits until all fit; others would otherwise overtake it for ever.
      if (this.#running > 0 && this.#running + next.places > this.#parallel()) return;
      line.waiting.shift();
      this.#lines.delete(key);
      this.#lines.set(key, line);
      next.admit();
    }
  }

  /** Refuses the last waiting request of the key that holds most. @returns False if none holds more than this key would. */
  #makeRoom(key: string, places: number): boolean {
    let most = (this.#lines.get(key)?.held ?? 0) + places;
    let refused: Waiting | null = null;
    for (const line of this.#lines.values()) {
      const last = line.waiting.findLast(({ frees }) => frees);
      if (!last || line.held <= most) continue;
      most = line.held;
      refused = last;
    }
    refused?.refuse(this.#full());
    return refused !== null;
  }

  #full(): ApiError {
    const message = `The server is at its limit of ${this.#max} requests that are answered or waiting. Send the request again later.`;
    return new ApiError(429, 'rate_limit_exceeded', message, {
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    });
  }
}
