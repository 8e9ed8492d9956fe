import type { ModelDiedError, ModelHost } from '@cogumi/llama';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ModelSupervisor } from './model-supervisor.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A supervisor whose hosts can be killed, and whose loads can be made to fail. */
function supervised() {
  const kill: (() => void)[] = [];
  const state = { loadFails: false, loads: 0 };
  const supervisor = new ModelSupervisor(async () => {
    state.loads++;
    if (state.loadFails) throw new Error('no memory');
    const { promise, resolve } = Promise.withResolvers<ModelDiedError>();
    kill.push(() => resolve(new Error('killed') as ModelDiedError));
    return { pid: kill.length, died: promise, close: async () => kill.at(-1)!() } as unknown as ModelHost;
  });
  const die = async () => {
    kill.at(-1)!();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { supervisor, state, die };
}

describe('ModelSupervisor', () => {
  it('loads once for parallel requests, and again at once after a crash, also if nobody asks', async () => {
    const { supervisor, state, die } = supervised();
    await supervisor.start();
    const [one, two] = await Promise.all([supervisor.host(), supervisor.host()]);
    expect(one).toBe(two);
    expect([supervisor.pid, supervisor.health]).toEqual([1, { status: 'ok' }]);
    await die();
    expect([supervisor.pid, supervisor.health]).toEqual([2, { status: 'ok' }]);
    expect(state.loads).toBe(2);
    await supervisor.close();
  });

  it('waits twice as long before each further attempt, and says so, until it has run for a minute', async () => {
    const { supervisor, state, die } = supervised();
    await supervisor.start();
    await die();
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const { loads } = state;
      await die();
      expect(supervisor.health).toEqual({ status: 'down', reason: 'UNEXPECTED', retryAfterSeconds: seconds });
      await expect(supervisor.host()).rejects.toMatchObject({
        code: 'MODEL_UNAVAILABLE',
        retryAfterSeconds: seconds,
        message: expect.stringContaining('killed'),
      });
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(state.loads).toBe(loads);
      await vi.advanceTimersByTimeAsync(1);
      expect([state.loads, supervisor.health]).toEqual([loads + 1, { status: 'ok' }]);
    }
    await vi.advanceTimersByTimeAsync(60_001);
    await die();
    expect(supervisor.health).toEqual({ status: 'ok' });
    await supervisor.close();
  });

  it('keeps trying when the model cannot be loaded again, and serves when it can', async () => {
    const { supervisor, state, die } = supervised();
    await supervisor.start();
    state.loadFails = true;
    await die();
    await vi.advanceTimersByTimeAsync(0);
    expect(supervisor.health).toMatchObject({ status: 'down', retryAfterSeconds: 1 });
    await expect(supervisor.host()).rejects.toThrow('no memory');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(state.loads).toBe(4);
    state.loadFails = false;
    await vi.advanceTimersByTimeAsync(4_000);
    expect((await supervisor.host()).pid).toBe(2);
    await supervisor.close();
  });

  it('does not load again after a first load that failed, nor after it was closed', async () => {
    const { supervisor, state } = supervised();
    state.loadFails = true;
    await expect(supervisor.start()).rejects.toThrow('no memory');
    await expect(supervisor.host()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    const other = supervised();
    await other.supervisor.start();
    await other.supervisor.close();
    await vi.advanceTimersByTimeAsync(120_000);
    expect([state.loads, other.state.loads]).toEqual([1, 1]);
    await expect(other.supervisor.host()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });
});
