import { setTimeout } from 'node:timers/promises';

/** Source of time, which tests can replace so that they need not wait. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** Waits. @throws the reason of `signal` if it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep: async (ms, signal) => {
    // Node rejects with an AbortError; throw the reason of the signal instead.
    await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};
