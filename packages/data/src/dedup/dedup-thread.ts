import { workerData } from 'node:worker_threads';
import { type Seat, serveCrew } from './crew-job.ts';
import { type BenchStart, DedupBench } from './dedup-bench.ts';

// A further thread: does jobs until it is ended.
const { seat, ...start } = workerData as BenchStart & { seat: Seat };
serveCrew(seat, new DedupBench(start));
