import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COSTS_VERSION } from '../../stages/costs.ts';
import type { Workload } from '../../stages/stage.ts';
import { byConstants, noteTiming, readTimings, scaleTimings } from './timings.ts';

/** 2 s and 0.25 s an item. */
const workload = (items: number): Workload => ({
  items,
  unit: 'rows',
  fixedSeconds: 2,
  secondsPerItem: 0.25,
  bytes: 0,
});

describe('scaleTimings', () => {
  it('scales the constants of a stage by what its runs took', () => {
    // By the constants 12 items take 5 s; they took 10 s, so 20 items (7 s) take 14 s.
    const timings = scaleTimings([{ stage: 'train', expected: 5, seconds: 10 }]);
    expect(timings('train', workload(20))).toEqual({ seconds: 14, origin: 'measured here, 1×' });
  });

  it('goes by the runs of about the same size where a store has seen small and large models', () => {
    const timings = scaleTimings([
      { stage: 'train', expected: 5, seconds: 5 },
      { stage: 'train', expected: 500, seconds: 1000 },
    ]);
    expect(timings('train', workload(12)).seconds).toBe(5);
    expect(timings('train', workload(1992)).seconds).toBe(1000);
  });

  it('scales a size that was never seen by all runs together', () => {
    const seen = [
      { stage: 'train', expected: 2, seconds: 6 },
      { stage: 'export', expected: 8, seconds: 9 },
    ];
    expect(scaleTimings(seen)('train', workload(1992)).seconds).toBe(750);
  });

  it('scales a stage that never ran by all others, and nothing in a store that has seen nothing', () => {
    const seen = [
      { stage: 'export', expected: 4, seconds: 6 },
      { stage: 'train', expected: 6, seconds: 9 },
    ];
    expect(scaleTimings(seen)('prune', workload(8))).toEqual({ seconds: 6, origin: 'estimate for this machine' });
    expect(scaleTimings([])('prune', workload(8))).toEqual(byConstants('prune', workload(8)));
  });
});

describe('readTimings', () => {
  it('takes no line that would poison every plan', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogumi-timings-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const costs = COSTS_VERSION;
    const lines = [
      `{"stage":"a","costs":${costs},"expected":1e999,"seconds":1}`,
      `{"stage":"a","costs":${costs},"expected":1,"seconds":null}`,
      `{"stage":"a","costs":${costs},"expected":"11","seconds":1}`,
      `{"stage":"a","costs":${costs},"expected":1e-300,"seconds":1}`,
      `{"stage":"a","costs":${costs},"exp`,
      '[]',
      'null',
      // Of formulas that are no more.
      '{"stage":"a","expected":4,"seconds":800}',
      `{"stage":"a","costs":${costs - 1},"expected":4,"seconds":800}`,
    ];
    writeFileSync(join(folder, 'timings.jsonl'), `${lines.join('\n')}\n`);
    expect((await readTimings(folder))('a', workload(8))).toEqual(byConstants('a', workload(8)));
    noteTiming(folder, { stage: 'a', expected: 4, seconds: 8 });
    expect((await readTimings(folder))('a', workload(8)).seconds).toBe(8);
  });
});
