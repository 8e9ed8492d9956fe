/** First and longest wait (chosen; like the official API clients, but longer). */
const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/** Most attempts in all, which is a little more than a minute of waiting (chosen). */
export const MOST_ATTEMPTS = 8;

/** How long a remote service may keep failing before work stops (chosen). */
export const GIVE_UP_AFTER_MS = 600_000;

/**
 * Milliseconds to wait after failure number `failures` (from 1). The wait doubles each time, and half of it is random, so that
 * requests that failed together do not return together ("equal jitter": Brooker 2015).
 *
 * @param retryAfterMs - Shortest wait that the server asks for; null: it asks for none.
 * @param chance - Uniform in [0, 1).
 */
export function backoffMs(failures: number, retryAfterMs: number | null, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(retryAfterMs ?? 0, longest / 2 + (longest / 2) * chance);
}
