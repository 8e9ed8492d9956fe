import { shellWithChild } from '@cogumi/pure/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchMemory } from './memory.ts';

const MIB = 2 ** 20;

describe.runIf(process.platform === 'linux')('watchMemory', () => {
  it('remembers the most it saw', async () => {
    const shell = await shellWithChild();
    const watch = watchMemory(shell);
    onTestFinished(() => watch.close());
    const held = watch.now() as number;
    process.kill(-shell, 'SIGKILL');
    while ((watch.now() as number) > 100 * MIB) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(watch.peak()).toBeGreaterThanOrEqual(held);
  });
});
