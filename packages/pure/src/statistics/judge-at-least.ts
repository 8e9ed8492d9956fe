/**
 * Verdict on "at least `threshold`": `pass` if the whole 95% interval reaches it, `fail` if none of it does, otherwise
 * `inconclusive`. Without an interval the measured value counts as exact.
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
