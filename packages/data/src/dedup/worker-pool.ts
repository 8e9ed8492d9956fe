import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import {
  FAILED,
  MAX_PENDING,
  makeControl,
  OPEN,
  POSTED,
  runNextTask,
  statePlace,
  type TaskRunner,
  taskPlace,
  type WorkerHandle,
} from './pool-protocol.ts';

/** A task takes milliseconds, at most one pass over all records (seconds for 10 M texts). After this long its thread must be dead (chosen). */
const TASK_TIMEOUT_MS = 120_000;

/**
 * A pool of threads that share one queue of tasks. The calling thread belongs to it: it posts tasks, runs some itself and
 * waits for those that other threads have taken. It never waits for a task that no thread has taken, so a pool of one needs
 * no other thread, and a thread that starts slowly delays nothing.
 */
export class WorkerPool {
  readonly #control = makeControl();
  readonly #runner: TaskRunner;
  readonly #ports: MessagePort[] = [];
  readonly #workers: Worker[] = [];
  #failure: unknown;

  /**
   * @param threads - Size of the pool, the calling thread included.
   * @param runner - Runs the tasks of the calling thread.
   * @param entry - Script of the other threads. It gets `start` and a `WorkerHandle` as `workerData` and calls `serveTasks`.
   */
  constructor(threads: number, runner: TaskRunner, entry: URL, start: object) {
    this.#runner = runner;
    for (let thread = 1; thread < threads; thread++) {
      const { port1, port2 } = new MessageChannel();
      const handle: WorkerHandle = { control: this.#control, port: port2 };
      this.#workers.push(new Worker(entry, { workerData: { ...start, handle }, transferList: [port2] }));
      this.#ports.push(port1);
    }
  }

  /** Sends a message to every runner, the calling one included. Tasks posted afterwards may rely on it. */
  broadcast(message: unknown): void {
    this.#runner.receive(message);
    for (const port of this.#ports) port.postMessage(message);
  }

  /**
   * Adds a task to the queue. At most `MAX_PENDING` tasks may be posted and not yet awaited.
   *
   * @returns The task number, for `wait`.
   */
  post(kind: number, from: number, to: number): number {
    const task = this.#control[POSTED] as number;
    this.#control.set([kind, from, to], taskPlace(task));
    Atomics.store(this.#control, statePlace(task), OPEN);
    Atomics.store(this.#control, POSTED, task + 1);
    Atomics.notify(this.#control, POSTED, 1);
    return task;
  }

  /**
   * Returns when the task is done. Runs queued tasks meanwhile.
   *
   * @throws The error that the task threw; Error after `TASK_TIMEOUT_MS`.
   */
  wait(task: number): void {
    const place = statePlace(task);
    while (Atomics.load(this.#control, place) === OPEN) {
      if (runNextTask(this.#control, this.#runner, this.#failed)) continue;
      if (Atomics.wait(this.#control, place, OPEN, TASK_TIMEOUT_MS) === 'timed-out')
        throw new Error(`task ${task} has not finished after ${TASK_TIMEOUT_MS / 1000} s`);
    }
    if (this.#control[place] === FAILED) throw this.#takeFailure();
  }

  /** Runs one kind of task over `[from, to)`, `step` items a task, and waits for all of them. */
  runAll(kind: number, from: number, to: number, step: number): void {
    const tasks: number[] = [];
    for (let at = from; at < to; at += step) {
      if (tasks.length === MAX_PENDING) this.wait(tasks.shift() as number);
      tasks.push(this.post(kind, at, Math.min(at + step, to)));
    }
    for (const task of tasks) this.wait(task);
  }

  async close(): Promise<void> {
    for (const port of this.#ports) port.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  readonly #failed = (error: unknown): void => {
    this.#failure ??= error;
  };

  /** The error of a failed task: thrown on this thread, or sent by another. */
  #takeFailure(): unknown {
    for (const port of this.#ports) this.#failure ??= receiveMessageOnPort(port)?.message;
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }
}
