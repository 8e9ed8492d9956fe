/**
 * How long a server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as an HTTP date.
 *
 * @param now - Milliseconds since 1970.
 * @returns Milliseconds, at least 0; null when it does not say.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const ms = asNumber(headers.get('retry-after-ms'));
  if (ms !== null) return ms;
  const after = headers.get('retry-after');
  const seconds = asNumber(after);
  if (seconds !== null) return seconds * 1000;
  const date = after === null ? Number.NaN : Date.parse(after);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function asNumber(text: string | null): number | null {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
}
