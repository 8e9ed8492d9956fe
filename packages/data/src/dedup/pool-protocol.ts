import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { sharedInt32 } from './shared-array.ts';

/** Most tasks that may be posted and not yet awaited (chosen). */
export const MAX_PENDING = 256;

// Layout of the shared control block: tasks posted, tasks taken, then the state of each task, then its kind, from and to.
export const POSTED = 0;
const TAKEN = 1;
const STATES = 2;
const TASKS = STATES + MAX_PENDING;

// States of a task.
export const OPEN = 0;
const DONE = 1;
export const FAILED = 2;

type Control = Int32Array<SharedArrayBuffer>;
export const makeControl = (): Control => sharedInt32(TASKS + 3 * MAX_PENDING);

export const statePlace = (task: number): number => STATES + (task % MAX_PENDING);
export const taskPlace = (task: number): number => TASKS + 3 * (task % MAX_PENDING);

/** Runs tasks on one thread. It may use only shared memory and files. */
export interface TaskRunner {
  /** Runs a task of one kind on the items `[from, to)`; the kind says what the items are. */
  run(kind: number, from: number, to: number): void;
  /** Takes a message that later tasks rely on. */
  receive(message: unknown): void;
}

/**
 * Takes the next task from the queue and runs it.
 *
 * @param failed - Called with the error of a task before its state becomes `FAILED`.
 * @param before - Called after the task is taken and before it runs.
 * @returns False if the queue was empty.
 */
export function runNextTask(
  control: Control,
  runner: TaskRunner,
  failed: (error: unknown) => void,
  before?: () => void,
): boolean {
  const task = Atomics.load(control, TAKEN);
  if (task >= Atomics.load(control, POSTED)) return false;
  // Another thread took it first: try again.
  if (Atomics.compareExchange(control, TAKEN, task, task + 1) !== task) return true;
  let state = DONE;
  try {
    before?.();
    const place = taskPlace(task);
    runner.run(control[place] as number, control[place + 1] as number, control[place + 2] as number);
  } catch (error) {
    failed(error);
    state = FAILED;
  }
  Atomics.store(control, statePlace(task), state);
  Atomics.notify(control, statePlace(task));
  return true;
}

/** What a worker thread gets to join a pool. */
export interface WorkerHandle {
  readonly control: Control;
  readonly port: MessagePort;
}

/** Runs tasks until the thread is terminated. A task's error is sent to the thread that posted it. */
export function serveTasks({ control, port }: WorkerHandle, runner: TaskRunner): never {
  const receiveAll = () => {
    for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port))
      runner.receive(received.message);
  };
  const failed = (error: unknown) => port.postMessage(error);
  for (;;) {
    const posted = Atomics.load(control, POSTED);
    while (runNextTask(control, runner, failed, receiveAll));
    Atomics.wait(control, POSTED, posted);
  }
}
