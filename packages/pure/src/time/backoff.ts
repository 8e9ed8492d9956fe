/** First wait, and the longest one of our own (chosen; as the official clients of the APIs, but more patient). */
const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/** How often something is tried in all before it counts as failed: a good minute of waiting (chosen). */
export const MOST_ATTEMPTS = 8;

/** How long somebody far away may fail, again and again, before work stops (chosen). */
export const GIVE_UP_AFTER_MS = 600_000;

/**
 * How long to wait after failure number `failures` (from 1): twice as long each time, half of it by chance, so that requests
 * that failed together do not come back together ("full jitter" and "equal jitter": Brooker 2015).
 *
 * @param askedMs - What the server asks for; never less is waited. null: it asks for nothing.
 * @param chance - Uniform in [0, 1).
 */
export function backoffMs(failures: number, askedMs: number | null, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(askedMs ?? 0, longest / 2 + (longest / 2) * chance);
}
