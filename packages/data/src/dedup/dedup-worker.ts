import { workerData } from 'node:worker_threads';
import { DedupTaskRunner, type RunnerStart } from './dedup-task-runner.ts';
import { serveTasks, type WorkerHandle } from './pool-protocol.ts';

// Entry script of a worker thread: runs tasks until it is terminated.
const { handle, ...start } = workerData as RunnerStart & { handle: WorkerHandle };
serveTasks(handle, new DedupTaskRunner(start));
