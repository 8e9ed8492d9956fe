import { setTimeout } from 'node:timers/promises';

/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** @throws what `signal` carries. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep: async (ms, signal) => {
    // Node says AbortError; whoever stopped the work had a reason of its own.
    await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};
