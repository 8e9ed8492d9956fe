import type { RateLimits } from '../../provider.ts';
import { headerCount, resetMs } from '../http/header-limits.ts';

/**
 * `anthropic-ratelimit-requests-remaining`, `-reset` (RFC 3339) and the same for tokens. The limit for all tokens takes
 * precedence; without it, the lower one of input and output tokens counts.
 */
export function anthropicLimits(headers: Headers, now: number): RateLimits {
  const read = (what: string) => ({
    left: headerCount(headers.get(`anthropic-ratelimit-${what}-remaining`)),
    resetMs: resetMs(headers.get(`anthropic-ratelimit-${what}-reset`), now),
  });
  const requests = read('requests');
  const [narrowest] = [read('tokens'), ...[read('input-tokens'), read('output-tokens')].sort(byLeft)].filter(
    ({ left }) => left !== null,
  );
  return {
    requestsLeft: requests.left,
    requestsResetMs: requests.resetMs,
    tokensLeft: narrowest?.left ?? null,
    tokensResetMs: narrowest?.resetMs ?? null,
  };
}

function byLeft(one: { left: number | null }, other: { left: number | null }): number {
  return (one.left ?? Number.POSITIVE_INFINITY) - (other.left ?? Number.POSITIVE_INFINITY);
}
