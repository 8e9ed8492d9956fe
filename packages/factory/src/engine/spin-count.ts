/** 0.2 s of spinning. A small model has short pauses between its matrix products (measured: 4,250 instead of 2,500 tokens/s). */
const QUIET = 2e7;
/** A few microseconds. On 2 cores at a load of 7 a thread that spun for 0.2 s kept the others from the core that it waited for
 * (measured: 117 tokens/s, 1,107 with this count, 564 without any spinning; docs/log.md). */
const BUSY = 1000;
/** Runnable threads per core above which other programs need the cores as well (chosen). A build's own stages cause up to 1.5. */
const BUSY_LOAD = 2;

/**
 * How often an OpenMP thread of PyTorch looks for work before it sleeps (`GOMP_SPINCOUNT`).
 *
 * @param load - Runnable threads over the last minute, `os.loadavg()[0]`.
 */
export function spinCount(load: number, cores: number): number {
  return load > BUSY_LOAD * cores ? BUSY : QUIET;
}
