import { ApiError } from '../api-error.ts';
import type { KeyEntry } from './key-entry.ts';
import { LeakyBucket } from './leaky-bucket.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A client library that waits longer than this is hung up on by its own user (chosen), so it is told not to retry by itself. */
const LONGEST_RETRY_MS = MINUTE_MS;

/** What a key may do. */
export type KeyLimits = Omit<KeyEntry, 'sha256'>;

/** Who sends requests with one key: what it may ask, and what it has used. What is used of a day survives a restart (`usage-file.ts`). */
export class Client {
  /** Replaced when the key file changes. */
  limits: KeyLimits;
  readonly #requests: LeakyBucket;
  readonly #minuteTokens: LeakyBucket;
  readonly #dayTokens: LeakyBucket;
  #concurrent = 0;

  /** @param now - Milliseconds of a clock that never goes back. */
  constructor(limits: KeyLimits, now: () => number = () => performance.now()) {
    this.limits = limits;
    this.#requests = new LeakyBucket(MINUTE_MS, now);
    this.#minuteTokens = new LeakyBucket(MINUTE_MS, now);
    this.#dayTokens = new LeakyBucket(DAY_MS, now);
  }

  get name(): string {
    return this.limits.name;
  }

  /** @param endpoint - As `ENDPOINTS` writes it. @throws ApiError 403. */
  checkEndpoint(endpoint: string): void {
    const { endpoints, name } = this.limits;
    // Metrics tell about the requests of everybody.
    if (endpoints?.includes(endpoint) ?? endpoint !== '/metrics') return;
    const allowed = endpoints === undefined ? 'all endpoints but /metrics' : endpoints.join(', ');
    throw new ApiError(403, 'endpoint_not_allowed', `The key "${name}" is not for ${endpoint}; it is for ${allowed}.`);
  }

  mayUse(model: string): boolean {
    return this.limits.models?.includes(model) ?? true;
  }

  /** @param model - Id of a served model. @throws ApiError 403. */
  checkModel(model: string): void {
    if (this.mayUse(model)) return;
    const message = `The key "${this.name}" is not for the model "${model}"; it is for ${this.limits.models?.join(', ')}.`;
    throw new ApiError(403, 'model_not_allowed', message, { param: 'model' });
  }

  /**
   * Counts a request.
   *
   * @returns A function that is called when it has ended.
   * @throws ApiError 429 with the time after which it fits.
   */
  begin(): () => void {
    const { requestsPerMinute, tokensPerMinute, tokensPerDay, concurrentRequests } = this.limits;
    if (concurrentRequests !== undefined && this.#concurrent >= concurrentRequests) {
      throw this.#refusal(`${concurrentRequests} requests at a time`, 'requests', 1000);
    }
    const check = (bucket: LeakyBucket, limit: number | undefined, unit: string, type: string) => {
      const waitMs = limit === undefined ? 0 : bucket.waitMs(limit);
      if (waitMs > 0) throw this.#refusal(`${limit} ${unit}`, type, waitMs);
    };
    check(this.#dayTokens, tokensPerDay, 'tokens a day', 'insufficient_quota');
    check(this.#minuteTokens, tokensPerMinute, 'tokens a minute', 'tokens');
    check(this.#requests, requestsPerMinute, 'requests a minute', 'requests');
    if (requestsPerMinute !== undefined) this.#requests.use(1, requestsPerMinute);
    this.#concurrent++;
    return () => {
      this.#concurrent--;
    };
  }

  /** Counts the tokens of a prompt and its answer. */
  useTokens(tokens: number): void {
    const { tokensPerMinute, tokensPerDay } = this.limits;
    if (tokensPerMinute !== undefined) this.#minuteTokens.use(tokens, tokensPerMinute);
    if (tokensPerDay !== undefined) this.#dayTokens.use(tokens, tokensPerDay);
  }

  /** Tokens of the day's that are used now. */
  get usedOfDay(): number {
    const { tokensPerDay } = this.limits;
    return tokensPerDay === undefined ? 0 : this.#dayTokens.used(tokensPerDay);
  }

  /** Counts what was used of a day's tokens before this process began, less what was freed since. */
  restoreDay(tokens: number, elapsedMs: number): void {
    const { tokensPerDay } = this.limits;
    if (tokensPerDay === undefined) return;
    this.#dayTokens.use(Math.max(0, tokens - (elapsedMs / DAY_MS) * tokensPerDay), tokensPerDay);
  }

  #refusal(limit: string, type: string, waitMs: number): ApiError {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const message = `The key "${this.name}" is at its limit of ${limit}. Send the request again after ${seconds} s.`;
    const code = type === 'insufficient_quota' ? type : 'rate_limit_exceeded';
    const headers = {
      'retry-after': String(seconds),
      // Read by the libraries of OpenAI and Anthropic, which would otherwise retry at once.
      ...(waitMs > LONGEST_RETRY_MS ? { 'x-should-retry': 'false' } : {}),
    };
    return new ApiError(429, code, message, { type, headers });
  }
}
