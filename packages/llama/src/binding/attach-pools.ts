import type { Threads } from '../types/decisions.ts';
import type { Library, Pointer } from './library.ts';

/** Gives a context its threads. Without an attached pool ggml starts new ones in every pass (measured: 50 instead of 195 tokens/s). */
export function attachPools(llama: Library, context: () => Pointer, most: number) {
  let threads: Threads = { token: most, batch: most };
  // Pools are kept: llama.cpp pauses the one before when it computes with another, so it must not be freed before that.
  const pools = new Map<number, Pointer>();
  const poolOf = (size: number) => {
    const pool = pools.get(size) ?? llama.createThreadpool(size);
    pools.set(size, pool);
    return pool;
  };
  const set = (wanted: Threads) => {
    threads = wanted;
    llama.setThreads(context(), wanted.token, wanted.batch);
    llama.attachThreadpool(context(), poolOf(wanted.token), poolOf(wanted.batch));
  };
  set(threads);
  return {
    get threads() {
      return threads;
    },
    set,
  };
}
