/**
 * Measures how many times longer a large task takes than a small one. This depends on the algorithm, not on the machine: for
 * eight times the size linear work gives about 8, quadratic work 64. It takes the processor time of this thread, the best of
 * three measurements each, so that other processes do not matter.
 *
 * @param run - Does a task of the given size.
 */
export function timeGrowth(run: (size: number) => unknown, small: number, large: number): number {
  const best = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < 3; turn++) {
    best.small = Math.min(
      best.small,
      oneRunMs(() => run(small)),
    );
    best.large = Math.min(
      best.large,
      oneRunMs(() => run(large)),
    );
  }
  return best.large / best.small;
}

/** Some kernels count processor time in steps of 4 ms, so a measurement takes three of them at least (chosen). */
const LEAST_MS = 12;

/** Processor time of one run, of so many as one can measure. */
function oneRunMs(run: () => unknown): number {
  let [runs, spent] = [0, 0];
  for (; spent < LEAST_MS; runs++) spent += processorMs(run);
  return spent / runs;
}

/** Processor time that this thread takes for some work, so that other processes do not matter. */
export function processorMs(work: () => unknown): number {
  const began = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}
