export type { Benchmark, Leak } from './benchmark-items.ts';
export { indexBenchmarks, type LeakIndex } from './index-benchmarks.ts';
