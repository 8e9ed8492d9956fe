import type { Random } from '../../random/random.ts';

/** First wait and longest one, and how often a request is tried in all (chosen; as the official clients, but more patient). */
const FIRST_MS = 500;
const LONGEST_MS = 60_000;
export const MOST_ATTEMPTS = 8;

/**
 * How long to wait after failure number `failures` (from 1): twice as long each time, half of it by chance, so that requests
 * that failed together do not come back together ("full jitter" and "equal jitter": Brooker 2015).
 *
 * @param askedMs - What the provider asks for; never less is waited.
 */
export function backoffMs(failures: number, askedMs: number | null, random: Random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  const own = longest / 2 + (longest / 2) * random.next();
  return askedMs === null ? own : Math.max(askedMs, Math.min(own, FIRST_MS));
}
