/**
 * The chance that one of `k` answers is right, without bias by those that were sampled (Chen et al. 2021).
 *
 * @param samples - Answers that were sampled, at least `k`.
 * @param right - Those of them that are right.
 */
export function passAtK(samples: number, right: number, k: number): number {
  if (k < 1 || k > samples || right > samples) throw new RangeError(`pass@${k} of ${right} in ${samples}`);
  if (samples - right < k) return 1;
  let none = 1;
  for (let left = samples - right + 1; left <= samples; left++) none *= 1 - k / left;
  return 1 - none;
}

/** Those that are reported (the values of the field's tables), as far as there are samples. */
export const REPORTED_K = [1, 2, 4, 8, 10, 16, 32, 64, 100] as const;
