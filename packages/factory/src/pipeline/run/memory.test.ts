import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { treeMemoryBytes, watchMemory } from './memory.ts';

const MIB = 2 ** 20;
/** Fills this much memory, says so, and stays. */
const HOLD = `globalThis.held = Buffer.alloc(200 * ${MIB}, 1); console.log('held'); setInterval(() => {}, 1000);`;

/** A shell whose child holds 200 MiB. */
async function shellWithChild() {
  // A second command, so that the shell does not become the program.
  const shell = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, HOLD], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    try {
      process.kill(-(shell.pid as number), 'SIGKILL');
    } catch {
      // The test has killed it.
    }
  });
  await once(shell.stdout, 'data');
  return shell.pid as number;
}

describe.runIf(process.platform === 'linux')('treeMemoryBytes', () => {
  it('counts what a grandchild holds, for its shell and for this process', async () => {
    const before = treeMemoryBytes(process.pid) as number;
    const shell = await shellWithChild();
    // Besides the buffer, Node itself takes some 50 MiB.
    const below = (treeMemoryBytes(shell) as number) / MIB;
    expect(below).toBeGreaterThan(200);
    expect(below).toBeLessThan(400);
    expect(((treeMemoryBytes(process.pid) as number) - before) / MIB).toBeGreaterThan(150);
  });

  it('counts nothing for a process that is gone', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(treeMemoryBytes(child.pid as number)).toBe(0);
  });
});

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
