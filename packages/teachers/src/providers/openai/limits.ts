import type { RateLimits } from '../../provider.ts';
import { headerCount, resetMs } from '../http/header-limits.ts';

/**
 * `x-ratelimit-remaining-requests`, `-reset-requests` and the same for tokens, as OpenAI, Groq and Together send them;
 * OpenRouter has `x-ratelimit-remaining` and `-reset` for requests only.
 *
 * @param now - Milliseconds since 1970.
 */
export function openAiLimits(headers: Headers, now: number): RateLimits {
  const left = (what: string) => headerCount(headers.get(`x-ratelimit-remaining${what}`));
  const reset = (what: string) => resetMs(headers.get(`x-ratelimit-reset${what}`), now);
  return {
    requestsLeft: left('-requests') ?? left(''),
    requestsResetMs: reset('-requests') ?? reset(''),
    tokensLeft: left('-tokens'),
    tokensResetMs: reset('-tokens'),
  };
}
