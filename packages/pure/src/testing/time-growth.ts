/**
 * Measures how many times longer a large task takes than a small one. This depends on the algorithm, not on the machine: for
 * eight times the size linear work gives about 8, quadratic work 64. It takes the processor time of this thread, the best of
 * five runs each, so that other processes do not matter.
 *
 * @param run - Does a task of the given size.
 */
export function timeGrowth(run: (size: number) => unknown, small: number, large: number): number {
  const best = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < 5; turn++) {
    best.small = Math.min(
      best.small,
      processorMs(() => run(small)),
    );
    best.large = Math.min(
      best.large,
      processorMs(() => run(large)),
    );
  }
  return best.large / Math.max(MIN_MS, best.small);
}

/** Shorter times are noise (chosen). */
const MIN_MS = 2;

/** Processor time that this thread takes for some work, so that other processes do not matter. */
export function processorMs(work: () => unknown): number {
  const began = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}
