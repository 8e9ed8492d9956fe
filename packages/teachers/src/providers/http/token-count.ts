/** More tokens than a request can have: whoever says so does not count (largest known context: 10 M). */
const MOST = 1e9;

/** A number of tokens as JSON has it; null when it is none. */
export function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MOST ? (value as number) : null;
}
