import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { sharedInt32 } from './shared-array.ts';

/** Most jobs that are posted and not yet awaited. */
export const MOST_JOBS = 256;

// Places in the shared control block: how many jobs were posted, how many taken, then the state and the three numbers of each.
export const POSTED = 0;
const TAKEN = 1;
const STATES = 2;
const JOBS = STATES + MOST_JOBS;

// States of a job.
export const OPEN = 0;
const DONE = 1;
export const FAILED = 2;

type Control = Int32Array<SharedArrayBuffer>;
export const makeControl = (): Control => sharedInt32(JOBS + 3 * MOST_JOBS);

export const statePlace = (job: number): number => STATES + (job % MOST_JOBS);
export const jobPlace = (job: number): number => JOBS + 3 * (job % MOST_JOBS);

/** What a thread does its jobs at. It touches shared memory and files alone. */
export interface Workbench {
  /** Work of one kind on `[from, to)` of what it is about. */
  work(kind: number, from: number, to: number): void;
  /** Takes what jobs from now on rely on. */
  receive(news: unknown): void;
}

/**
 * Takes the next job, if there is one, and does it.
 *
 * @param failed - Gets what the job threw, before others see that it failed.
 * @param before - Called between taking and doing.
 * @returns False where there was none.
 */
export function takeJob(
  control: Control,
  bench: Workbench,
  failed: (error: unknown) => void,
  before?: () => void,
): boolean {
  const job = Atomics.load(control, TAKEN);
  if (job >= Atomics.load(control, POSTED)) return false;
  // Another thread was faster: look again.
  if (Atomics.compareExchange(control, TAKEN, job, job + 1) !== job) return true;
  let state = DONE;
  try {
    before?.();
    const place = jobPlace(job);
    bench.work(control[place] as number, control[place + 1] as number, control[place + 2] as number);
  } catch (error) {
    failed(error);
    state = FAILED;
  }
  Atomics.store(control, statePlace(job), state);
  Atomics.notify(control, statePlace(job));
  return true;
}

/** What a thread needs to join a crew. */
export interface Seat {
  readonly control: Control;
  readonly port: MessagePort;
}

/** Does jobs until the thread is ended from outside; a job's error goes to the one who posted it. */
export function serveCrew({ control, port }: Seat, bench: Workbench): never {
  const receiveAll = () => {
    for (let news = receiveMessageOnPort(port); news; news = receiveMessageOnPort(port)) bench.receive(news.message);
  };
  const failed = (error: unknown) => port.postMessage(error);
  for (;;) {
    const posted = Atomics.load(control, POSTED);
    while (takeJob(control, bench, failed, receiveAll));
    Atomics.wait(control, POSTED, posted);
  }
}
