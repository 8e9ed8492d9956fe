import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { GenerateRequest } from '../types/answers.ts';
import type { Decisions } from '../types/decisions.ts';
import { IdleMeasurements, type PendingMeasurement } from './idle-measurements.ts';
import { measuringThreads } from './measure-threads.ts';
import { type ModelHost, openModel } from './model-host.ts';

const NOTHING = { used: false, reason: 'it is not asked for' };

let files: Awaited<ReturnType<typeof storiesFolder>>;
let adapters: Record<string, string>;
beforeAll(async () => {
  files = await storiesFolder();
  adapters = {
    a: await files.write('a.gguf', randomLora(1).file),
    b: await files.write('b.gguf', randomLora(2).file),
  };
});
afterAll(() => files.remove());

const QUESTION: GenerateRequest = { prompt: 'Once upon a time', maxTokens: 24 };

async function textOf(host: ModelHost, request: GenerateRequest): Promise<string> {
  let text = '';
  for await (const piece of host.generate(request)) if (piece.kind === 'text') text += piece.text;
  return text;
}

describe('openModel that measures when nothing is asked', () => {
  it('answers at once, measures afterwards, and takes what was measured before', async () => {
    const options = {
      ...{ modelPath: files.modelPath, adapters, contextTokens: 256, sequences: 4, mostThreads: 2 },
      ...({ threads: 'measured', mixing: 'measured', speculate: 'auto', measure: 'idle' } as const),
    };
    let decided: Decisions = {};
    const first = await openModel({ ...options, onDecided: (found) => (decided = { ...decided, ...found }) });
    const open = first.info;
    expect(open.unmeasured).toEqual(['threads', 'mixing', 'speculation']);
    const waits = { used: false, reason: 'it has not been measured yet' };
    expect(open).toMatchObject({ mixing: waits, speculation: waits, threads: { token: 1, batch: 1 } });
    const asked = ['a', 'b', null].map((adapter) => ({ ...QUESTION, adapter }));
    const before = await Promise.all(asked.map((request) => textOf(first, request)));
    await expect.poll(() => first.info.unmeasured).toEqual([]);
    const { threads, mixing, speculation } = first.info;
    expect(decided).toEqual({ threads, mixing, speculation });
    expect(mixing).toMatchObject({ compared: 4, wrong: 0, speedup: expect.any(Number) });
    expect(speculation.passes).toHaveLength(6);
    expect(await first.statistics()).toMatchObject({ mixing, speculation, unmeasured: [] });
    expect(await Promise.all(asked.map((request) => textOf(first, request)))).toEqual(before);
    await first.close();

    const second = await openModel({ ...options, decided });
    expect(second.info).toMatchObject({ mixing, speculation, unmeasured: [] });
    // Fewer, where other work takes the cores now.
    expect(second.info.threads.token).toBeLessThanOrEqual(threads.token);
    expect(await textOf(second, QUESTION)).toBe(before[2]);
    await second.close();
  });
});

describe('IdleMeasurements', () => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel({
      ...{ modelPath: files.modelPath, threads: 2, sequences: 2, contextTokens: 256, mixing: false },
    });
  });
  // On a busy machine two threads wait for each other for seconds.
  beforeEach(() => model.setThreads({ token: 1, batch: 1 }));
  const schedulerOf = () => new Scheduler(model, 2, NOTHING, NOTHING);
  /** Timers go off when the test says so. */
  function timersByHand(): void {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
  }
  /** What is measured takes its steps in turns of the event loop. */
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
  };
  /** A measurement of so many passes. */
  function passes(count: number) {
    const seen = { begun: 0, passes: 0, cut: 0 };
    const pending: PendingMeasurement = {
      name: 'threads',
      *measure() {
        seen.begun++;
        let ended = false;
        try {
          for (let pass = 0; pass < count; pass++) {
            seen.passes++;
            yield;
          }
          ended = true;
          return { threads: { token: 1, batch: 1 } };
        } finally {
          if (!ended) seen.cut++;
        }
      },
    };
    return { seen, pending };
  }

  it('is cut off between two passes by a request, and begins anew when it was quiet for a while', async () => {
    const { seen, pending } = passes(1_000_000);
    const decided: Decisions[] = [];
    timersByHand();
    const measurements = new IdleMeasurements([pending], schedulerOf(), (found) => decided.push(found), 5);
    vi.advanceTimersByTime(4);
    expect(seen.begun).toBe(0);
    vi.advanceTimersByTime(1);
    await turns(20);
    expect(seen.passes).toBeGreaterThan(10);
    measurements.touch();
    const { passes: done } = seen;
    expect(seen.cut).toBe(1);
    await turns(2);
    expect(seen.passes).toBe(done);
    expect(measurements.unmeasured).toEqual(['threads']);
    // Each cut doubles the wait.
    vi.advanceTimersByTime(9);
    expect(seen.begun).toBe(1);
    vi.advanceTimersByTime(1);
    expect(seen.begun).toBe(2);
    measurements.touch();
    expect([seen.cut, decided.length]).toEqual([2, 0]);
    vi.advanceTimersByTime(19);
    expect(seen.begun).toBe(2);
    vi.advanceTimersByTime(1);
    expect(seen.begun).toBe(3);
    measurements.touch();
  });

  it('waits for what is running and queued, and tells what was found once', async () => {
    const { seen, pending } = passes(3);
    const scheduler = schedulerOf();
    scheduler.add(1, { prompt: [1, 403], maxTokens: 8 }, { text: () => {}, end: () => {}, fail: () => {} });
    const decided: Decisions[] = [];
    timersByHand();
    const measurements = new IdleMeasurements([pending], scheduler, (found) => decided.push(found), 5);
    vi.advanceTimersByTime(40);
    expect(seen.begun).toBe(0);
    while (!scheduler.idle) scheduler.step();
    vi.advanceTimersByTime(5);
    await turns(10);
    expect(decided).toEqual([{ threads: { token: 1, batch: 1 } }]);
    expect(measurements.unmeasured).toEqual([]);
    measurements.touch();
    vi.advanceTimersByTime(1000);
    await turns(10);
    expect(seen).toEqual({ begun: 1, passes: 3, cut: 0 });
  });

  it('goes on where something cannot be measured, which is not used then', async () => {
    const scheduler = schedulerOf();
    const failing: PendingMeasurement = {
      name: 'mixing',
      // biome-ignore lint/correctness/useYield: it fails at once.
      *measure() {
        throw new Error('no memory');
      },
    };
    const decided: Decisions[] = [];
    const measurements = new IdleMeasurements(
      [failing, passes(2).pending],
      scheduler,
      (found) => decided.push(found),
      5,
    );
    await expect.poll(() => decided.length, { interval: 1 }).toBe(2);
    const mixing = { used: false, reason: 'it could not be measured: no memory' };
    expect(decided[0]).toEqual({ mixing });
    expect(scheduler.reports.mixing).toEqual(mixing);
    expect(measurements.unmeasured).toEqual([]);
  });

  it('leaves the threads of before when it is cut off', () => {
    model.setThreads({ token: 2, batch: 1 });
    const measurement = measuringThreads(model, 2);
    measurement.next();
    measurement.return(undefined as never);
    expect(model.info.threads).toEqual({ token: 2, batch: 1 });
  });
});
