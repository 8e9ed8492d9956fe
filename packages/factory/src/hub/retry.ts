import { setTimeout as pause } from 'node:timers/promises';
import { TransientError } from './hub-error.ts';

/** Tries without any progress before giving up; with the waits below that is about a minute (chosen). */
const TRIES = 7;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** A server that asks for more patience than this is told to the user instead. */
const LONGEST_ASKED_WAIT_MS = 5 * 60_000;

/** Waiting and chance, given so that tests need neither. */
export interface Patience {
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
  /** Uniform in [0, 1). */
  random(): number;
}

export const realPatience: Patience = {
  sleep: (ms, signal) => pause(ms, undefined, { signal }),
  random: Math.random,
};

/**
 * Runs something again while it fails for passing reasons, waiting twice as long each time, or as long as the server asks.
 * Waits are drawn between half and all of that, so that many clients do not come back at once.
 *
 * @throws What a `TransientError` comes to, when it has failed too often; everything else as it is thrown.
 */
export async function retry<T>(run: () => Promise<T>, { sleep, random }: Patience, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      return await run();
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof TransientError)) throw cause;
      failures = cause.progressed ? 1 : failures + 1;
      const asked = cause.waitMs ?? 0;
      if (failures >= TRIES || asked > LONGEST_ASKED_WAIT_MS) throw cause.final;
      const own = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS) * (0.5 + random() / 2);
      await sleep(Math.max(own, asked), signal);
    }
  }
}
