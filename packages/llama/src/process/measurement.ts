/** A measurement that can be cut off after each pass of the model: it yields then, and leaves nothing behind when it is ended early. */
export type Measurement<Result> = Generator<void, Result, void>;

/** Runs a measurement to its end. */
export function finish<Result>(measurement: Measurement<Result>): Result {
  for (;;) {
    const { done, value } = measurement.next();
    if (done) return value;
  }
}

/**
 * Processor time of a piece of work in milliseconds, over all threads of this process. A clock would also count what other processes take of
 * the cores, which on a busy machine is more than a pass itself (measured, nine processes on two cores: 126 ms for a pass of 5).
 */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
