import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import {
  FAILED,
  jobPlace,
  MOST_JOBS,
  makeControl,
  OPEN,
  POSTED,
  type Seat,
  statePlace,
  takeJob,
  type Workbench,
} from './crew-job.ts';

/** A job takes milliseconds, at most a pass over all records (seconds for 10 M texts): one that takes so long has lost its thread. */
const LOST_MS = 120_000;

/**
 * Threads that share jobs, the calling one among them: it posts them, helps, and waits for those that others took. It
 * never waits for a job that nobody took, so a crew of one needs no other thread, and one that starts slowly holds up
 * nothing.
 */
export class Crew {
  readonly #control = makeControl();
  readonly #bench: Workbench;
  readonly #ports: MessagePort[] = [];
  readonly #workers: Worker[] = [];
  #failure: unknown;

  /**
   * @param bench - Of the calling thread.
   * @param entry - Script of the others: gets `start` and its seat as `workerData`, and calls `serveCrew`.
   */
  constructor(threads: number, bench: Workbench, entry: URL, start: object) {
    this.#bench = bench;
    for (let thread = 1; thread < threads; thread++) {
      const { port1, port2 } = new MessageChannel();
      const seat: Seat = { control: this.#control, port: port2 };
      this.#workers.push(new Worker(entry, { workerData: { ...start, seat }, transferList: [port2] }));
      this.#ports.push(port1);
    }
  }

  /** Tells all threads, this one too, what jobs from now on rely on. */
  tell(news: unknown): void {
    this.#bench.receive(news);
    for (const port of this.#ports) port.postMessage(news);
  }

  /**
   * Posts a job, `MOST_JOBS` beyond the last awaited one at most.
   *
   * @returns The number to wait for it by.
   */
  post(kind: number, from: number, to: number): number {
    const job = this.#control[POSTED] as number;
    this.#control.set([kind, from, to], jobPlace(job));
    Atomics.store(this.#control, statePlace(job), OPEN);
    Atomics.store(this.#control, POSTED, job + 1);
    Atomics.notify(this.#control, POSTED, 1);
    return job;
  }

  /**
   * Returns when the job is done, whoever does it.
   *
   * @throws What the job threw.
   */
  finish(job: number): void {
    const place = statePlace(job);
    while (Atomics.load(this.#control, place) === OPEN) {
      if (takeJob(this.#control, this.#bench, this.#failed)) continue;
      if (Atomics.wait(this.#control, place, OPEN, LOST_MS) === 'timed-out')
        throw new Error(`job ${job} has not come back after ${LOST_MS / 1000} s`);
    }
    if (this.#control[place] === FAILED) throw this.#takeFailure();
  }

  /** Does one kind of work on all of `[from, to)`, `step` a job. */
  finishAll(kind: number, from: number, to: number, step: number): void {
    const jobs: number[] = [];
    for (let at = from; at < to; at += step) {
      if (jobs.length === MOST_JOBS) this.finish(jobs.shift() as number);
      jobs.push(this.post(kind, at, Math.min(at + step, to)));
    }
    for (const job of jobs) this.finish(job);
  }

  async close(): Promise<void> {
    for (const port of this.#ports) port.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  readonly #failed = (error: unknown): void => {
    this.#failure ??= error;
  };

  /** What a job threw on another thread, if not on this one. */
  #takeFailure(): unknown {
    for (const port of this.#ports) this.#failure ??= receiveMessageOnPort(port)?.message;
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }
}
