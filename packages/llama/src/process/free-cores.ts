import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * Cores that nothing else wants at this moment, at least 1; on a system without /proc all of them. A thread of a pass whose core is wanted
 * holds up the others: a question to SmolLM2 took 6.3 s instead of 0.3 s with two threads on two busy cores (measured).
 */
export function freeCores(): number {
  const cores = availableParallelism();
  try {
    // The fourth field: how many tasks run or want to, this one among them, and how many there are (man 5 proc).
    const running = Number(/^\S+ \S+ \S+ (\d+)\//.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1]);
    return Number.isNaN(running) ? cores : Math.max(1, cores - (running - 1));
  } catch {
    return cores;
  }
}
