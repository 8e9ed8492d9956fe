import { backoffMs, type Clock, MOST_ATTEMPTS, realClock } from '@cogumi/pure';
import { TransientError } from './hub-error.ts';

/** A server that asks for more patience than this is told to the user instead. */
const LONGEST_ASKED_WAIT_MS = 5 * 60_000;

/** Waiting and chance, given so that tests need neither. */
export interface Patience {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  chance(): number;
}

export const realPatience: Patience = { clock: realClock, chance: Math.random };

/**
 * Runs something again while it fails for passing reasons; as long as there is progress, without end.
 *
 * @throws What a `TransientError` comes to, when it has failed too often; everything else as it is thrown.
 */
export async function retry<T>(run: () => Promise<T>, { clock, chance }: Patience, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      return await run();
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof TransientError)) throw cause;
      failures = cause.progressed ? 1 : failures + 1;
      if (failures >= MOST_ATTEMPTS || (cause.waitMs ?? 0) > LONGEST_ASKED_WAIT_MS) throw cause.final;
      await clock.sleep(backoffMs(failures, cause.waitMs, chance()), signal);
    }
  }
}
