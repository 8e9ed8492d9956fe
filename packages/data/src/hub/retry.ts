import { backoffMs, type Clock, MOST_ATTEMPTS, realClock } from '@cogumi/pure';
import { TransientError } from './hub-error.ts';

/** Longest wait for a server; if it asks for more, the user is told instead (chosen). */
const LONGEST_ASKED_WAIT_MS = 5 * 60_000;

/** Clock and randomness, injected for tests. */
export interface Patience {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  chance(): number;
  /** Most tries without progress; default: as of every remote service. */
  readonly mostAttempts?: number;
}

export const realPatience: Patience = { clock: realClock, chance: Math.random };

/** Of a plan, for which somebody waits: a second try after half a second at most, and no third. */
export const shortPatience: Patience = { ...realPatience, mostAttempts: 2 };

/**
 * Repeats a function while it throws `TransientError`, without limit while it makes progress.
 *
 * @throws The final error of the last `TransientError` after too many tries; any other error unchanged.
 */
export async function retry<T>(
  run: () => Promise<T>,
  { clock, chance, mostAttempts = MOST_ATTEMPTS }: Patience,
  signal: AbortSignal,
): Promise<T> {
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      return await run();
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof TransientError)) throw cause;
      failures = cause.progressed ? 1 : failures + 1;
      if (failures >= mostAttempts || (cause.waitMs ?? 0) > LONGEST_ASKED_WAIT_MS) throw cause.final;
      await clock.sleep(backoffMs(failures, cause.waitMs, chance()), signal);
    }
  }
}
