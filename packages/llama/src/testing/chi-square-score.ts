/** Pearson's chi-square as a standard normal score (Wilson and Hilferty 1931); rare outcomes, below 5 expected, count as one. */
export function chiSquareScore(counts: readonly number[], expected: readonly number[]): number {
  let [rareCount, rareExpected, sum, outcomes] = [0, 0, 0, 0];
  const add = (count: number, wanted: number) => {
    sum += (count - wanted) ** 2 / wanted;
    outcomes++;
  };
  for (const [at, count] of counts.entries()) {
    if (expected[at]! >= 5) add(count, expected[at]!);
    else {
      rareCount += count;
      rareExpected += expected[at]!;
    }
  }
  if (rareExpected > 0) add(rareCount, rareExpected);
  const freedom = outcomes - 1;
  const spread = 2 / (9 * freedom);
  return ((sum / freedom) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread);
}
