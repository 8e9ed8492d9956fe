/**
 * Shares out a whole number by weight; what is left over by rounding goes to the largest remainders (Hamilton's method), the earlier first.
 *
 * @param weights - At least one is positive.
 * @returns Whole numbers that add up to `total`, in the order of the weights.
 */
export function shareOut(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = [...exact.keys()].sort((one, other) => (exact[other]! % 1) - (exact[one]! % 1) || one - other);
  for (const at of byRemainder.slice(0, left)) shares[at]!++;
  return shares;
}
