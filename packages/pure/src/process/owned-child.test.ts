import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { descendants, isRunning, stillRunning } from '../testing/process-end.ts';
import { runInForeground, runOwned, spawnOwned } from './index.ts';

const MODULE = new URL('./owned-child.mjs', import.meta.url).href;
/** Prints its id and then loops, deaf to every signal that can be ignored. */
const LOOP = `trap '' HUP INT TERM QUIT; echo $$; while :; do :; done`;
/** The same in a child of the shell that runs it. */
const LOOP_BELOW = `sh -c "${LOOP.replaceAll('$', '\\$')}"`;
const NODE_LOOP = `console.log(process.pid); for (;;);`;

/** Starts a process that owns children. @returns It, and the ids that were printed below it. */
async function startOwner(script: string, ids: number) {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const found: number[] = [];
  onTestFinished(() => {
    for (const pid of [owner.pid as number, ...found]) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  for await (const line of createInterface({ input: owner.stdout })) {
    found.push(Number(line));
    if (found.length === ids) break;
  }
  return { owner, found };
}

/** A program that owns `count` children. */
const owning = (program: string, args: readonly string[], options = '', count = 1) => `
  import { spawnOwned } from ${JSON.stringify(MODULE)};
  for (let at = 0; at < ${count}; at++)
    spawnOwned(${JSON.stringify(program)}, ${JSON.stringify(args)}, { stdio: ['ignore', 'inherit', 'inherit'] ${options} });
  setInterval(() => {}, 1000);`;

describe.runIf(process.platform === 'linux')('an owned child, when its owner is killed,', () => {
  it.each([
    ['loops and ignores signals', owning('/bin/sh', ['-c', LOOP]), 1],
    ['loops in the foreground', owning('/bin/sh', ['-c', LOOP], ', foreground: true'), 1],
    ['loops in Node', owning(process.execPath, ['-e', NODE_LOOP]), 1],
    ['is stopped', owning('/bin/sh', ['-c', 'echo $$; kill -s STOP $$']), 1],
    ['has a child of its own', owning('/bin/sh', ['-c', `(${LOOP_BELOW}) & ${LOOP}`]), 2],
    ['left a child behind', owning('/bin/sh', ['-c', `(${LOOP_BELOW} &) ; ${LOOP}`]), 2],
    ['has a grandchild in a session of its own', owning('/bin/sh', ['-c', `(setsid ${LOOP_BELOW} &) ; ${LOOP}`]), 2],
    [
      'has a grandchild in the foreground, in a session of its own',
      owning('/bin/sh', ['-c', `(setsid ${LOOP_BELOW} &) ; ${LOOP}`], ', foreground: true'),
      2,
    ],
    [
      'owns a child as well',
      owning(process.execPath, [
        '--input-type=module',
        '-e',
        `console.log(process.pid);${owning('/bin/sh', ['-c', LOOP])}`,
      ]),
      2,
    ],
    ['is one of many', owning('/bin/sh', ['-c', LOOP], '', 4), 4],
  ])('ends with it: one that %s', async (_what, script, ids) => {
    const { owner, found } = await startOwner(script, ids);
    expect(found.every(isRunning)).toBe(true);
    owner.kill('SIGKILL');
    expect(await stillRunning(found)).toEqual([]);
  });

  it.each([
    ['exits without waiting', 'setTimeout(() => process.exit(0), 300)'],
    ['fails', 'setTimeout(() => { Promise.reject() }, 300)'],
    ['is stopped and then killed', "setTimeout(() => process.kill(process.pid, 'SIGSTOP'), 300)"],
  ])('ends when its owner %s', async (_what, end) => {
    const { owner, found } = await startOwner(`${owning('/bin/sh', ['-c', LOOP])}\n${end}`, 1);
    if (end.includes('SIGSTOP')) setTimeout(() => owner.kill('SIGKILL'), 600);
    await once(owner, 'exit');
    expect(await stillRunning(found)).toEqual([]);
  });

  it('ends although its watcher was killed before', async () => {
    const { owner, found } = await startOwner(owning('/bin/sh', ['-c', LOOP]), 1);
    const [watcher] = descendants(owner.pid as number).filter((pid) => !found.includes(pid));
    process.kill(watcher as number, 'SIGKILL');
    await expect.poll(() => descendants(owner.pid as number).filter((pid) => pid !== watcher)).toHaveLength(2);
    owner.kill('SIGKILL');
    expect(await stillRunning(found)).toEqual([]);
  });
});

describe('spawnOwned', () => {
  it('leaves nothing behind when the child ends, and does not keep its owner running', async () => {
    const { owner, found } = await startOwner(
      `import { spawnOwned } from ${JSON.stringify(MODULE)};
       spawnOwned('/bin/sh', ['-c', 'echo $$; (sleep 100 & echo $!)'], { stdio: ['ignore', 'inherit', 'inherit'] });`,
      2,
    );
    expect(await once(owner, 'exit')).toEqual([0, null]);
    expect(await stillRunning(found)).toEqual([]);
  });

  it('reports a program that is not there', async () => {
    const [error] = await once(spawnOwned('/no/such/program', []), 'error');
    expect(error).toMatchObject({ code: 'ENOENT' });
  });
});

describe('runOwned', () => {
  it('gives the streams and how the program ended', async () => {
    expect(await runOwned('/bin/sh', ['-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      code: 7,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    await expect(runOwned('/no/such/program', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends a program, and what it started, when its time is over', async () => {
    const started = performance.now();
    const { signal, stdout } = await runOwned('/bin/sh', ['-c', 'sleep 100 & echo $!; wait'], { timeoutMs: 300 });
    expect(signal).toBe('SIGKILL');
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await stillRunning([Number(stdout)])).toEqual([]);
  });
});

describe('runInForeground', () => {
  it('gives the exit code, or 128 and the signal', async () => {
    expect(await runInForeground('/bin/sh', ['-c', 'exit 4'])).toBe(4);
    expect(await runInForeground('/bin/sh', ['-c', 'kill -s KILL $$'])).toBe(137);
    expect(await runInForeground('/bin/sh', ['-c', 'kill -s TERM $$'])).toBe(143);
  });

  it.each([
    ['SIGINT', 30],
    ['SIGTERM', 31],
    ['SIGHUP', 32],
  ] as const)('passes %s on', async (signal, code) => {
    const program = `trap 'exit 30' INT; trap 'exit 31' TERM; trap 'exit 32' HUP; echo $$; while :; do sleep 0.05; done`;
    const script = `import { runInForeground } from ${JSON.stringify(MODULE)};
      process.exit(await runInForeground('/bin/sh', ['-c', ${JSON.stringify(program)}]));`;
    const { owner } = await startOwner(script, 1);
    owner.kill(signal);
    expect(await once(owner, 'exit')).toEqual([code, null]);
  });
});
