import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '2', 'retry-after-ms': '150' }, 150],
    [{ 'retry-after': 'later' }, null],
    [{ ratelimit: '"api";r=0;t=42' }, 42_000],
    [{ ratelimit: '"day";r=0;t=90, "hour";r=0;t=7, "all";r=3;t=999' }, 90_000],
    [{ ratelimit: '"api";r=12;t=42' }, null],
    [{ ratelimit: '"api";r=0;t=42', 'retry-after': '3' }, 3000],
    [{}, null],
  ])('reads %j as %s ms', (headers, ms) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>), NOW)).toBe(ms);
  });
});
