import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { shellWithChild } from '../testing/shell-with-child.ts';
import { treeMemoryBytes } from './tree-memory.ts';

const MIB = 2 ** 20;

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
