/**
 * How many times as long a larger task takes as a smaller one: a matter of the method, not of the machine. Linear work of eight
 * times the size answers about 8, quadratic work 64. Counted is the processor time of this thread, the best of five runs each,
 * so that others at work on the same machine do not matter.
 *
 * @param run - Does a task of that size.
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
  return best.large / Math.max(LEAST_MS, best.small);
}

/** Less than this is noise (chosen). */
const LEAST_MS = 2;

function processorMs(work: () => unknown): number {
  const began = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}
