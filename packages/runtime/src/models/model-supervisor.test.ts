import type { ModelHost } from '@cogumi/llama';
import { describe, expect, it } from 'vitest';
import { ModelSupervisor } from './model-supervisor.ts';

/** A supervisor whose hosts can be killed and whose clock is set by the test. */
function supervised() {
  const kill: (() => void)[] = [];
  const clock = { ms: 0 };
  const supervisor = new ModelSupervisor(
    async () => {
      const { promise, resolve } = Promise.withResolvers<never>();
      kill.push(() => resolve(new Error('killed') as never));
      return {
        pid: kill.length,
        died: promise,
        close: async () => resolve(new Error('closed') as never),
      } as unknown as ModelHost;
    },
    () => clock.ms,
  );
  const die = async () => {
    kill.at(-1)!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { supervisor, clock, die, loaded: () => kill.length };
}

describe('ModelSupervisor', () => {
  it('loads once for parallel requests, and again after a crash', async () => {
    const { supervisor, die, loaded } = supervised();
    const [one, two] = await Promise.all([supervisor.host(), supervisor.host()]);
    expect(one).toBe(two);
    expect(supervisor.pid).toBe(1);
    await die();
    expect(supervisor.pid).toBeNull();
    expect((await supervisor.host()).pid).toBe(2);
    expect(loaded()).toBe(2);
  });

  it('refuses requests after three deaths within a minute, with the time to wait', async () => {
    const { supervisor, clock, die, loaded } = supervised();
    for (const at of [0, 10_000, 20_000]) {
      clock.ms = at;
      await supervisor.host();
      await die();
    }
    await expect(supervisor.host()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', retryAfterSeconds: 40 });
    expect(loaded()).toBe(3);
    clock.ms = 60_000;
    expect((await supervisor.host()).pid).toBe(4);
  });

  it('tries again after a failed load, and never after it was closed', async () => {
    let fail = true;
    const supervisor = new ModelSupervisor(async () => {
      if (fail) throw new Error('no memory');
      return { pid: 1, died: new Promise(() => {}), close: async () => {} } as unknown as ModelHost;
    });
    await expect(supervisor.host()).rejects.toThrow('no memory');
    fail = false;
    expect((await supervisor.host()).pid).toBe(1);
    await supervisor.close();
    await expect(supervisor.host()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });
});
