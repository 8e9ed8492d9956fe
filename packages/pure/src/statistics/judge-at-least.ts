/**
 * Verdict on "at least `threshold`": passes when the whole 95% interval does, fails when none of it does; between the
 * two the sample cannot tell. Without an interval the measured value is exact.
 */
export function judgeAtLeast(
  threshold: number,
  measured: number,
  interval: readonly [number, number] | null,
): 'pass' | 'fail' | 'inconclusive' {
  const [low, high] = interval ?? [measured, measured];
  if (low >= threshold) return 'pass';
  return high < threshold ? 'fail' : 'inconclusive';
}
