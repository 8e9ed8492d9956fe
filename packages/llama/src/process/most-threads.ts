import { availableParallelism } from 'node:os';

/** More threads than this saturate the memory bus (measured on earlier machines). */
export const MAX_THREADS = 8;

/** Most threads that a model gets unless more are asked for. */
export function mostThreads(): number {
  return Math.min(MAX_THREADS, availableParallelism());
}
