/** Largest count that is believed (chosen; the largest known context has 10 M tokens). */
const MOST = 1e9;

/** A number of tokens in JSON; null when the value is not a plausible count. */
export function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MOST ? (value as number) : null;
}
