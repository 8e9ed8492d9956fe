import type { Clock } from '@cogumi/pure';
import { GIVE_UP_AFTER_MS } from '@cogumi/pure';
import { ProviderError, type RateLimits } from '../provider.ts';

/** Failures in a row, of all requests together, after which a provider counts as down (chosen). */
const DOWN_AFTER = 8;
/** How long it is left alone then: at first, and at most. */
const REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

/**
 * The way to one provider: how many requests may be under way, when the next may leave, and whether it is worth trying. A
 * refusal for haste halves what may be under way, replies let it grow again (additive increase, multiplicative decrease);
 * what headers say of the limits is kept to; a provider that only fails is left alone for a while, then tried with one request.
 */
export class RateLimiter {
  readonly #name: string;
  readonly #most: number;
  readonly #clock: Clock;
  #allowed: number;
  #underWay = 0;
  #pausedUntil = 0;
  #requests: Quota = { left: null, resetAt: 0 };
  #tokens: Quota = { left: null, resetAt: 0 };
  #failures = 0;
  #rests = 0;
  #downSince: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(name: string, concurrency: number, clock: Clock) {
    this.#name = name;
    this.#most = concurrency;
    this.#allowed = concurrency;
    this.#clock = clock;
  }

  /** Most requests that can be under way. */
  get concurrency(): number {
    return this.#most;
  }

  /**
   * Waits until a request may leave; `leave` has to be called when it is over.
   *
   * @param tokens - What the provider will count against its limit, about.
   * @throws ProviderError when the provider has been down for too long; what `signal` carries.
   */
  async enter(tokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#underWay >= Math.floor(this.#allowed)) {
        await this.#change(signal);
        continue;
      }
      const wait = this.#waitMs(tokens);
      if (wait <= 0) break;
      if (wait > GIVE_UP_AFTER_MS) throw this.#closed(wait);
      await this.#clock.sleep(wait, signal);
    }
    this.#underWay++;
    if (this.#requests.left !== null) this.#requests.left--;
    if (this.#tokens.left !== null) this.#tokens.left -= tokens;
  }

  leave(): void {
    this.#underWay--;
    this.#wake();
  }

  /** What the last headers said. */
  limit({ requestsLeft, requestsResetMs, tokensLeft, tokensResetMs }: RateLimits): void {
    const now = this.#clock.now();
    // Other requests that are under way may not be counted yet.
    if (requestsLeft !== null) {
      this.#requests = { left: Math.max(0, requestsLeft - this.#underWay + 1), resetAt: now + (requestsResetMs ?? 0) };
    }
    if (tokensLeft !== null) this.#tokens = { left: tokensLeft, resetAt: now + (tokensResetMs ?? 0) };
  }

  succeeded(): void {
    this.#failures = 0;
    this.#rests = 0;
    this.#downSince = null;
    this.#allowed = Math.min(this.#most, this.#allowed + 1 / this.#allowed);
    this.#wake();
  }

  /** @throws ProviderError when it has been failing for too long. */
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
    this.#pausedUntil = now + Math.min(LONGEST_REST_MS, REST_MS * 2 ** this.#rests++);
    // One request finds out whether it is up again.
    this.#allowed = 1;
  }

  #waitMs(tokens: number): number {
    const now = this.#clock.now();
    return Math.max(this.#pausedUntil - now, waitFor(this.#requests, 1, now), waitFor(this.#tokens, tokens, now));
  }

  #change(signal: AbortSignal): Promise<void> {
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
      `${this.#name} lets nothing more in for ${Math.round(waitMs / 60_000)} minutes.`,
      'Build again then: replies that are here already are not bought twice.',
    );
  }

  #down(ms: number, cause: ProviderError): ProviderError {
    return new ProviderError(
      cause.kind,
      `${this.#name} has not answered for ${Math.round(ms / 60_000)} minutes: ${cause.message}`,
      'Build again when it does: replies that are here already are not bought twice.',
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
  // A page of a proxy, perhaps, again and again.
  'malformed',
];

interface Quota {
  left: number | null;
  /** By the clock, ms. */
  resetAt: number;
}

function waitFor(quota: Quota, wanted: number, now: number): number {
  if (quota.left === null || quota.left >= wanted) return 0;
  if (now < quota.resetAt) return quota.resetAt - now;
  // The window is over: nothing is known of the new one until the next reply.
  quota.left = null;
  return 0;
}
