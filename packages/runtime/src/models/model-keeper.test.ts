import type { ModelHost } from '@cogumi/llama';
import { describe, expect, it } from 'vitest';
import { ModelKeeper } from './model-keeper.ts';

/** Loads hosts that can be told to die; time is given by hand. */
function nursery() {
  const kill: (() => void)[] = [];
  const clock = { ms: 0 };
  const keeper = new ModelKeeper(
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
  return { keeper, clock, die, loaded: () => kill.length };
}

describe('ModelKeeper', () => {
  it('loads once for all who ask, and anew after a death', async () => {
    const { keeper, die, loaded } = nursery();
    const [one, two] = await Promise.all([keeper.host(), keeper.host()]);
    expect(one).toBe(two);
    expect(keeper.pid).toBe(1);
    await die();
    expect(keeper.pid).toBeNull();
    expect((await keeper.host()).pid).toBe(2);
    expect(loaded()).toBe(2);
  });

  it('waits after three deaths in a minute and says for how long', async () => {
    const { keeper, clock, die, loaded } = nursery();
    for (const at of [0, 10_000, 20_000]) {
      clock.ms = at;
      await keeper.host();
      await die();
    }
    await expect(keeper.host()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', retryAfterSeconds: 40 });
    expect(loaded()).toBe(3);
    clock.ms = 60_000;
    expect((await keeper.host()).pid).toBe(4);
  });

  it('tries again after a load that failed, and never after it was closed', async () => {
    let fail = true;
    const keeper = new ModelKeeper(async () => {
      if (fail) throw new Error('no memory');
      return { pid: 1, died: new Promise(() => {}), close: async () => {} } as unknown as ModelHost;
    });
    await expect(keeper.host()).rejects.toThrow('no memory');
    fail = false;
    expect((await keeper.host()).pid).toBe(1);
    await keeper.close();
    await expect(keeper.host()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });
});
