import type { Clock } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { ProviderError } from '../provider.ts';
import { RateLimiter } from './rate-limiter.ts';

/** A clock whose time advances only by `sleep`. */
function manualClock(): Clock & { time: number } {
  const clock = {
    time: 0,
    now: () => clock.time,
    date: () => clock.time,
    sleep: async (ms: number) => {
      clock.time += ms;
    },
  };
  return clock;
}
const { signal } = new AbortController();
const error = (kind: ProviderError['kind'], retryAfterMs: number | null = null) =>
  new ProviderError(kind, 'no', 'wait', { retryAfterMs });
const unlimited = { requestsLeft: null, requestsResetMs: null, tokensLeft: null, tokensResetMs: null };
/** How many of `most` requests can be in flight at once. */
async function fill(limiter: RateLimiter, most = 100): Promise<number> {
  let inside = 0;
  const stop = new AbortController();
  const tries = Array.from({ length: most }, async () => {
    await limiter.acquire(1, stop.signal);
    inside++;
  });
  await new Promise(setImmediate);
  stop.abort(new Error('full'));
  await Promise.allSettled(tries);
  for (let left = inside; left > 0; left--) limiter.release();
  return inside;
}

describe('RateLimiter', () => {
  it('halves the concurrency after a rate-limit error, and raises it again with replies', async () => {
    const clock = manualClock();
    const limiter = new RateLimiter('p', 16, clock);
    expect(await fill(limiter)).toBe(16);
    limiter.failed(error('rate-limited', 3000));
    expect(await fill(limiter)).toBe(8);
    expect(clock.time).toBe(3000);
    for (let reply = 0; reply < 200; reply++) limiter.succeeded();
    expect(await fill(limiter)).toBe(16);
  });

  it('obeys the limits in headers, and waits for the next window', async () => {
    const clock = manualClock();
    const limiter = new RateLimiter('p', 4, clock);
    await limiter.acquire(1, signal);
    limiter.updateLimits({ ...unlimited, requestsLeft: 1, requestsResetMs: 20_000 });
    limiter.release();
    await limiter.acquire(1, signal);
    expect(clock.time).toBe(0);
    await limiter.acquire(1, signal);
    expect(clock.time).toBe(20_000);
    limiter.updateLimits({ ...unlimited, tokensLeft: 900, tokensResetMs: 1000 });
    await limiter.acquire(900, signal);
    expect(clock.time).toBe(20_000);
    await limiter.acquire(5000, signal);
    expect(clock.time).toBe(21_000);
  });

  it('pauses a provider that only fails, probes it with one request, and gives up after ten minutes', async () => {
    const clock = manualClock();
    const limiter = new RateLimiter('p', 8, clock);
    for (let failure = 0; failure < 8; failure++) limiter.failed(error('server-error'));
    expect(await fill(limiter)).toBe(1);
    expect(clock.time).toBe(5000);
    limiter.succeeded();
    expect(await fill(limiter)).toBe(2);
    const fail = async () => {
      for (;;) {
        await limiter.acquire(1, signal);
        limiter.release();
        limiter.failed(error('unreachable'));
      }
    };
    await expect(fail()).rejects.toThrow(/p has not answered for 1\d minutes: no/);
    expect(clock.time).toBeLessThan(720_000);
  });

  it('rejects a waiting request when its signal aborts', async () => {
    const limiter = new RateLimiter('p', 1, manualClock());
    await limiter.acquire(1, signal);
    const stop = new AbortController();
    const second = limiter.acquire(1, stop.signal);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
  });
});
