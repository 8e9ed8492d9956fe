import { afterAll, describe, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { pickThreads } from './measure-threads.ts';
import { finish } from './measurement.ts';
import { openModel } from './model-host.ts';

/** Takes times of passes by number of threads. Answers what is picked and what was measured for it. */
function pick(most: number, times: Readonly<Record<number, number>>) {
  const measured = [1];
  const picked = finish(
    pickThreads(most, function* (fewer, more) {
      measured.push(more);
      yield;
      return (times[more] as number) / (times[fewer] as number);
    }),
  );
  return { picked, measured };
}

describe('pickThreads', () => {
  it('takes all cores where they pay', () => {
    expect(pick(8, { 8: 10, 4: 15, 2: 25, 1: 50 })).toEqual({ picked: 8, measured: [1, 2, 4, 8] });
    expect(pick(6, { 6: 12, 4: 15, 2: 25, 1: 50 }).picked).toBe(6);
  });

  it('stops where more save next to nothing, or cost', () => {
    expect(pick(8, { 8: 10, 4: 10.2, 2: 18, 1: 35 }).picked).toBe(4);
    expect(pick(8, { 2: 400, 1: 20 })).toEqual({ picked: 1, measured: [1, 2] });
    expect(pick(1, { 1: 3 })).toEqual({ picked: 1, measured: [1] });
  });
});

describe('openModel with measured threads', async () => {
  const { modelPath, remove } = await storiesFolder();
  afterAll(remove);

  it('answers as with one thread, and says how many it took', async () => {
    const request = { prompt: 'Once upon a time', maxTokens: 16 };
    const [single, measured] = await Promise.all(
      ([1, 'measured'] as const).map(async (threads) => {
        const host = await openModel({ modelPath, threads });
        const [answer] = await host.completeAll([request]);
        await host.close();
        return { text: answer?.text, threads: host.info.threads };
      }),
    );
    expect(single?.threads).toEqual({ token: 1, batch: 1 });
    expect(measured?.text).toBe(single?.text);
    for (const count of Object.values(measured?.threads ?? {})) expect(count).toBeGreaterThanOrEqual(1);
  });

  it('takes no more than it may', async () => {
    const host = await openModel({ modelPath, threads: 'measured', mostThreads: 1 });
    await host.completeAll([{ prompt: 'Once upon a time', maxTokens: 16 }]);
    expect(host.info.threads).toEqual({ token: 1, batch: 1 });
    await host.close();
    await expect(openModel({ modelPath, mostThreads: 0 })).rejects.toThrow('mostThreads is 0');
  });
});
