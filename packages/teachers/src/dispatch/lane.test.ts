import type { Clock } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { ProviderError } from '../provider.ts';
import { Lane } from './lane.ts';

/** Time that passes when somebody sleeps. */
function stoppedClock(): Clock & { time: number } {
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
/** How many of `most` requests can be under way at once. */
async function fill(lane: Lane, most = 100): Promise<number> {
  let inside = 0;
  const stop = new AbortController();
  const tries = Array.from({ length: most }, async () => {
    await lane.enter(1, stop.signal);
    inside++;
  });
  await new Promise(setImmediate);
  stop.abort(new Error('full'));
  await Promise.allSettled(tries);
  for (let left = inside; left > 0; left--) lane.leave();
  return inside;
}

describe('Lane', () => {
  it('halves what may be under way when it is told to slow down, and grows again with replies', async () => {
    const clock = stoppedClock();
    const lane = new Lane('p', 16, clock);
    expect(await fill(lane)).toBe(16);
    lane.failed(error('rate-limited', 3000));
    expect(await fill(lane)).toBe(8);
    expect(clock.time).toBe(3000);
    for (let reply = 0; reply < 200; reply++) lane.succeeded();
    expect(await fill(lane)).toBe(16);
  });

  it('keeps to the limits that headers tell, and waits for the next window', async () => {
    const clock = stoppedClock();
    const lane = new Lane('p', 4, clock);
    await lane.enter(1, signal);
    lane.limit({ ...unlimited, requestsLeft: 1, requestsResetMs: 20_000 });
    lane.leave();
    await lane.enter(1, signal);
    expect(clock.time).toBe(0);
    await lane.enter(1, signal);
    expect(clock.time).toBe(20_000);
    lane.limit({ ...unlimited, tokensLeft: 900, tokensResetMs: 1000 });
    await lane.enter(900, signal);
    expect(clock.time).toBe(20_000);
    await lane.enter(5000, signal);
    expect(clock.time).toBe(21_000);
  });

  it('leaves a provider alone that only fails, tries it with one request, and gives up after ten minutes', async () => {
    const clock = stoppedClock();
    const lane = new Lane('p', 8, clock);
    for (let failure = 0; failure < 8; failure++) lane.failed(error('server-error'));
    expect(await fill(lane)).toBe(1);
    expect(clock.time).toBe(5000);
    lane.succeeded();
    expect(await fill(lane)).toBe(2);
    const fail = async () => {
      for (;;) {
        await lane.enter(1, signal);
        lane.leave();
        lane.failed(error('unreachable'));
      }
    };
    await expect(fail()).rejects.toThrow(/p has not answered for 1\d minutes: no/);
    expect(clock.time).toBeLessThan(720_000);
  });

  it('lets nobody in after a stop', async () => {
    const lane = new Lane('p', 1, stoppedClock());
    await lane.enter(1, signal);
    const stop = new AbortController();
    const second = lane.enter(1, stop.signal);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
  });
});
