import type { Clock } from '@cogumi/pure';
import { GIVE_UP_AFTER_MS } from '@cogumi/pure';
import { ProviderError, type RateLimits } from '../provider.ts';

/** Consecutive failures, over all requests, after which a provider counts as down (chosen). */
const DOWN_AFTER = 8;
/** Pause of requests to a provider that is down: at first, and at most (chosen). */
const PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Limits the requests to one provider: how many are in flight, when the next one is sent, and whether any is sent at all. A
 * rate-limit error halves the concurrency, and replies raise it again (additive increase, multiplicative decrease). Limits in
 * reply headers are obeyed. A provider that only fails is paused, then probed with one request (circuit breaker).
 */
export class RateLimiter {
  readonly #name: string;
  readonly #most: number;
  readonly #clock: Clock;
  #allowed: number;
  #inFlight = 0;
  #pausedUntil = 0;
  #requests: Quota = { left: null, resetAt: 0 };
  #tokens: Quota = { left: null, resetAt: 0 };
  #failures = 0;
  #pauses = 0;
  #downSince: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(name: string, concurrency: number, clock: Clock) {
    this.#name = name;
    this.#most = concurrency;
    this.#allowed = concurrency;
    this.#clock = clock;
  }

  /** Most requests that can be in flight. */
  get concurrency(): number {
    return this.#most;
  }

  /**
   * Waits until a request may be sent. Call `release` when it has ended.
   *
   * @param tokens - Estimate of the tokens that the provider will count against its limit.
   * @throws ProviderError when the provider has been down for too long; the reason of `signal`.
   */
  async acquire(tokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#inFlight >= Math.floor(this.#allowed)) {
        await this.#nextChange(signal);
        continue;
      }
      const wait = this.#waitMs(tokens);
      if (wait <= 0) break;
      if (wait > GIVE_UP_AFTER_MS) throw this.#closed(wait);
      await this.#clock.sleep(wait, signal);
    }
    this.#inFlight++;
    if (this.#requests.left !== null) this.#requests.left--;
    if (this.#tokens.left !== null) this.#tokens.left -= tokens;
  }

  /** Ends a request that `acquire` let through. */
  release(): void {
    this.#inFlight--;
    this.#wake();
  }

  /** Takes over the limits of the latest reply headers. */
  updateLimits({ requestsLeft, requestsResetMs, tokensLeft, tokensResetMs }: RateLimits): void {
    const now = this.#clock.now();
    // The provider may not have counted other requests in flight yet.
    if (requestsLeft !== null) {
      this.#requests = { left: Math.max(0, requestsLeft - this.#inFlight + 1), resetAt: now + (requestsResetMs ?? 0) };
    }
    if (tokensLeft !== null) this.#tokens = { left: tokensLeft, resetAt: now + (tokensResetMs ?? 0) };
  }

  /** Records a reply. */
  succeeded(): void {
    this.#failures = 0;
    this.#pauses = 0;
    this.#downSince = null;
    this.#allowed = Math.min(this.#most, this.#allowed + 1 / this.#allowed);
    this.#wake();
  }

  /** Records a failure. @throws ProviderError when the provider has been failing for too long. */
  failed(error: ProviderError): void {
    const now = this.#clock.now();
    if (error.kind === 'rate-limited') {
      this.#allowed = Math.max(1, this.#allowed / 2);
      this.#pausedUntil = Math.max(this.#pausedUntil, now + (error.retryAfterMs ?? 0));
      return;
    }
    if (!OUTAGES.includes(error.kind)) return;
    this.#failures++;
    this.#downSince ??= now;
    if (this.#failures < DOWN_AFTER || now < this.#pausedUntil) return;
    if (now - this.#downSince > GIVE_UP_AFTER_MS) throw this.#down(now - this.#downSince, error);
    this.#pausedUntil = now + Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** this.#pauses++);
    // One request probes whether the provider is up again.
    this.#allowed = 1;
  }

  #waitMs(tokens: number): number {
    const now = this.#clock.now();
    return Math.max(this.#pausedUntil - now, waitFor(this.#requests, 1, now), waitFor(this.#tokens, tokens, now));
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    this.#waiting.push(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    return promise;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #closed(waitMs: number): ProviderError {
    return new ProviderError(
      'rate-limited',
      `${this.#name} accepts no more requests for ${Math.round(waitMs / 60_000)} minutes.`,
      'Build again after that; paid replies are kept.',
    );
  }

  #down(ms: number, cause: ProviderError): ProviderError {
    return new ProviderError(
      cause.kind,
      `${this.#name} has not answered for ${Math.round(ms / 60_000)} minutes: ${cause.message}`,
      'Build again when it answers; paid replies are kept.',
      { cause },
    );
  }
}

const OUTAGES: readonly ProviderError['kind'][] = [
  'server-error',
  'overloaded',
  'unreachable',
  'timeout',
  'cut-short',
  // For example the same error page of a proxy each time.
  'malformed',
];

interface Quota {
  left: number | null;
  /** Milliseconds of the injected clock. */
  resetAt: number;
}

function waitFor(quota: Quota, needed: number, now: number): number {
  if (quota.left === null || quota.left >= needed) return 0;
  if (now < quota.resetAt) return quota.resetAt - now;
  // The window has ended; the limit of the new one is unknown until the next reply.
  quota.left = null;
  return 0;
}
