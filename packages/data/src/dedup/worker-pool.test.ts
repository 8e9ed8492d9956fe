import { describe, expect, it } from 'vitest';
import { DedupTaskRunner, READ } from './dedup-task-runner.ts';
import type { TaskRunner } from './pool-protocol.ts';
import { WorkerPool } from './worker-pool.ts';

const ENTRY = new URL('./dedup-worker.ts', import.meta.url);

/** Records the tasks and messages it gets. */
class Notes implements TaskRunner {
  readonly done: string[] = [];
  run(kind: number, from: number, to: number): void {
    if (kind === 9) throw new RangeError('no such work');
    this.done.push(`${kind} ${from}-${to}`);
  }
  receive(message: unknown): void {
    this.done.push(String(message));
  }
}

describe('WorkerPool', () => {
  it('runs all tasks in order on the calling thread if it is the only one', async () => {
    const notes = new Notes();
    const pool = new WorkerPool(1, notes, ENTRY, {});
    const first = pool.post(1, 0, 5);
    pool.broadcast('more');
    pool.wait(first);
    pool.runAll(2, 0, 1000, 3);
    const rest = Array.from({ length: 334 }, (_, at) => `2 ${3 * at}-${Math.min(3 * at + 3, 1000)}`);
    expect(notes.done).toEqual(['more', '1 0-5', ...rest]);
    await pool.close();
  });

  it('throws the error of a task', async () => {
    const pool = new WorkerPool(1, new Notes(), ENTRY, {});
    expect(() => pool.wait(pool.post(9, 0, 1))).toThrow('no such work');
    await pool.close();
  });

  it('throws the error of a task that another thread ran', async () => {
    const start = { threshold: 0.8, blocks: [] };
    const pool = new WorkerPool(2, new DedupTaskRunner(start), ENTRY, start);
    // There is no such block; either of the two threads may run the task.
    for (let round = 0; round < 20; round++) expect(() => pool.wait(pool.post(READ, 0, 1))).toThrow(TypeError);
    await pool.close();
  });
});
