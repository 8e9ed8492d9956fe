import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRunning, stillRunning } from '@cogumi/pure/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const file = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

/** Starts a process with a sandbox that works on this program. */
async function startOwner(code: string, { wallMs }: { wallMs: number }) {
  const task = { code, expressions: ['f()'], isolated: true };
  const script = `
    import { runTasks } from ${file('./run-tasks.ts')};
    import { startChild } from ${file('./start-child.ts')};
    const child = await startChild(256, 'one');
    void runTasks(child, [${JSON.stringify(task)}], { cpuMs: 1e6, wallMs: ${wallMs}, residentMiB: 640 });
    console.log(child.pid);`;
  const owner = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(owner.stdout, 'data');
  const child = Number(line);
  onTestFinished(() => {
    for (const pid of [owner.pid as number, child]) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return { owner, child };
}

describe.runIf(process.platform === 'linux')('a program in the sandbox', () => {
  it.each([
    ['loops', 'def f():\n    while True: pass'],
    ['loops in C', 'import re\ndef f():\n    return re.match("(a|aa)+$", "a" * 200 + "b")'],
    ['sleeps', 'import time\ndef f():\n    time.sleep(1000)'],
  ])('that %s ends when the owner of the sandbox is killed', async (_what, code) => {
    const { owner, child } = await startOwner(code, { wallMs: 1e6 });
    owner.kill('SIGKILL');
    expect(await stillRunning([child])).toEqual([]);
  });

  it.each([
    ['loops', 'def f():\n    while True: pass'],
    ['loops in C', 'def f():\n    return sum(1 for _ in iter(int, 1))'],
    [
      'catches everything',
      'def f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass',
    ],
    ['sleeps', 'import time\ndef f():\n    time.sleep(1000)'],
  ])('that %s ends by its own limit when the owner is stopped and checks nothing', async (_what, code) => {
    const { owner, child } = await startOwner(code, { wallMs: 1000 });
    process.kill(owner.pid as number, 'SIGSTOP');
    expect(await stillRunning([child])).toEqual([]);
  });
});
