import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../binding/model.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { ThreadTuner } from './tune-threads.ts';

/** A tuner over passes that take `timeOf(threads, tokens)` milliseconds by a clock of their own, and the threads of each pass. */
function tuned(start: number, most: number, timeOf: (threads: number, tokens: number) => number) {
  let [now, threads] = [0, start];
  const ran: number[] = [];
  const tuner = new ThreadTuner(
    (count) => (threads = count),
    start,
    most,
    () => now,
  );
  const run = (passes: number, tokens = 16) => {
    for (let pass = 0; pass < passes; pass++) {
      tuner.run(tokens, () => {
        ran.push(threads);
        now += timeOf(threads, tokens);
      });
    }
  };
  return { tuner, run, ran, threads: () => threads };
}

describe('ThreadTuner', () => {
  it('takes fewer threads when others want the cores, and more when they are free again', () => {
    let busy = true;
    const { tuner, run, threads } = tuned(2, 2, (count) => (busy ? [0, 40, 400][count]! : [0, 40, 22][count]!));
    run(20);
    expect([tuner.threads, threads()]).toEqual([1, 1]);
    busy = false;
    run(3000);
    expect([tuner.threads, threads()]).toEqual([2, 2]);
  });

  it('keeps what is as fast, and tries ever more seldom', () => {
    const { tuner, run, ran } = tuned(1, 2, (count) => [0, 40, 39][count]!);
    run(4000);
    expect(tuner.threads).toBe(1);
    const tried = ran.filter((count) => count === 2).length;
    expect(tried).toBeGreaterThan(3);
    expect(tried / ran.length).toBeLessThan(0.01);
  });

  it('ends a trial after one pass that is hopelessly slow', () => {
    const { run, ran } = tuned(1, 2, (count) => [0, 50, 5000][count]!);
    run(60);
    expect(ran.filter((count) => count === 2)).toHaveLength(1);
  });

  it('climbs by doubling, up to what the model was loaded with', () => {
    const { tuner, run } = tuned(1, 6, (count) => 600 / count);
    run(2000);
    expect(tuner.threads).toBe(6);
  });

  it('compares passes of one length only, and sets back the threads when a pass fails', () => {
    const { tuner, run, threads } = tuned(2, 2, (count, tokens) => (tokens === 1 ? 1 : 100 + count));
    for (let round = 0; round < 200; round++) {
      run(1, 16);
      run(1, 1);
    }
    expect(tuner.threads).toBe(1);
    expect(() =>
      tuner.run(16, () => {
        throw new Error('no room');
      }),
    ).toThrow('no room');
    expect(threads()).toBe(tuner.threads);
  });
});

describe('passes over several tokens', async () => {
  const { modelPath, remove } = await storiesFolder();
  afterAll(remove);

  it('have the same bits with any number of threads', async () => {
    const model = await loadModel({ modelPath, threads: 2, sequences: 4, contextTokens: 256, mixing: false });
    const logitsOf = (threads: number) => {
      model.setThreads({ token: threads, batch: threads });
      model.clearAll();
      const bits: Float32Array[] = [];
      const decode = (sequences: readonly number[], from: number, tokens: number) => {
        const entries = sequences.flatMap((sequence) =>
          Array.from({ length: tokens }, (_, at) => ({
            ...{ token: 3 + ((from + at * 7 + sequence) % 400), position: from + at },
            ...{ sequence, output: true },
          })),
        );
        model.decode(entries, false);
        for (const at of entries.keys()) bits.push(model.logits(at).slice());
      };
      for (const sequence of [0, 1, 2, 3]) decode([sequence], 0, 60);
      for (let step = 0; step < 8; step++) decode([0, 1, 2, 3], 60 + step, 1);
      return bits;
    };
    expect(logitsOf(2)).toEqual(logitsOf(1));
  });
});
