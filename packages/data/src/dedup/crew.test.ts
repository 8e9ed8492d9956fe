import { describe, expect, it } from 'vitest';
import { Crew } from './crew.ts';
import type { Workbench } from './crew-job.ts';
import { DedupBench, READ } from './dedup-bench.ts';

const ENTRY = new URL('./dedup-thread.ts', import.meta.url);

/** Writes down what it is given to do. */
class Notes implements Workbench {
  readonly done: string[] = [];
  work(kind: number, from: number, to: number): void {
    if (kind === 9) throw new RangeError('no such work');
    this.done.push(`${kind} ${from}-${to}`);
  }
  receive(news: unknown): void {
    this.done.push(String(news));
  }
}

describe('Crew', () => {
  it('of one does all jobs in turn, on the calling thread', async () => {
    const notes = new Notes();
    const crew = new Crew(1, notes, ENTRY, {});
    const first = crew.post(1, 0, 5);
    crew.tell('more');
    crew.finish(first);
    crew.finishAll(2, 0, 1000, 3);
    const rest = Array.from({ length: 334 }, (_, at) => `2 ${3 * at}-${Math.min(3 * at + 3, 1000)}`);
    expect(notes.done).toEqual(['more', '1 0-5', ...rest]);
    await crew.close();
  });

  it('throws what a job threw', async () => {
    const crew = new Crew(1, new Notes(), ENTRY, {});
    expect(() => crew.finish(crew.post(9, 0, 1))).toThrow('no such work');
    await crew.close();
  });

  it('throws what a job of another thread threw', async () => {
    const start = { threshold: 0.8, blocks: [] };
    const crew = new Crew(2, new DedupBench(start), ENTRY, start);
    // There is no such block; who of the two finds out is open.
    for (let round = 0; round < 20; round++) expect(() => crew.finish(crew.post(READ, 0, 1))).toThrow(TypeError);
    await crew.close();
  });
});
