/**
 * Reads how long a server asks clients to wait: from `retry-after-ms`, from `retry-after` in seconds or as an HTTP date, or
 * from the `t=` of an exhausted `RateLimit` policy (draft-ietf-httpapi-ratelimit-headers).
 *
 * @param now - Milliseconds since 1970.
 * @returns Milliseconds, at least 0; null if no header says it.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const ms = asNumber(headers.get('retry-after-ms'));
  if (ms !== null) return ms;
  const after = headers.get('retry-after');
  const seconds = asNumber(after);
  if (seconds !== null) return seconds * 1000;
  const date = after === null ? Number.NaN : Date.parse(after);
  return Number.isNaN(date) ? rateLimitMs(headers.get('ratelimit')) : Math.max(0, date - now);
}

/** `"api";r=0;t=42`: 0 requests are left for 42 seconds. Of several exhausted policies the longest wait counts. */
function rateLimitMs(text: string | null): number | null {
  const exhausted = (text ?? '').split(',').filter((policy) => /;\s*r=0\s*(;|$)/.test(policy));
  const seconds = exhausted.flatMap((policy) => asNumber(/;\s*t=(\d+)/.exec(policy)?.[1] ?? null) ?? []);
  return seconds.length === 0 ? null : 1000 * Math.max(...seconds);
}

function asNumber(text: string | null): number | null {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}
