export type { Benchmark, Contamination } from './contamination.ts';
export { type ContaminationIndex, indexBenchmarks } from './index-benchmarks.ts';
