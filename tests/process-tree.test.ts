import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { descendants, isRunning, stillRunning } from '@cogumi/pure/testing';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from './start-cogumi.ts';

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-tree-'));
  bundle = join(folder, 'sample.cogumi');
  await writeFile(bundle, tarOf(sampleBundle({ base: await tinyModel(), adapters: { code: tinyAdapter(1) } })));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a user types: npm starts set-up, that starts the command, and that starts models and engines. */
function cogumi(...args: string[]) {
  const npm = spawn('npm', ['run', '--silent', 'cogumi', '--', ...args], {
    cwd: ROOT,
    // Its own group, as a service manager starts it: a signal reaches npm only.
    detached: true,
    env: { ...process.env, COGUMI_CACHE: join(folder, 'cache') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    for (const pid of [...tree(npm), npm.pid as number]) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return npm;
}

const tree = (npm: ChildProcess) => descendants(npm.pid as number);
const command = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
const find = (npm: ChildProcess, words: RegExp) => tree(npm).find((pid) => words.test(command(pid)));
const serve = () => cogumi('serve', bundle, '--port', '0', '--json', '--threads', '1');

/** The port of a server, once it serves. */
async function portOf(npm: ChildProcess): Promise<number> {
  const [line] = await once(createInterface({ input: npm.stdout! }), 'line');
  return Number(new URL(JSON.parse(line).url).port);
}

const isTaken = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });

describe.runIf(process.platform === 'linux')('npm run cogumi -- serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('closes the server at %s to npm and exits with its code', async (signal) => {
    const npm = serve();
    const port = await portOf(npm);
    const all = tree(npm);
    npm.kill(signal);
    expect(await once(npm, 'exit')).toEqual([0, null]);
    expect(await stillRunning(all)).toEqual([]);
    expect(await isTaken(port)).toBe(false);
  });

  it.each([
    ['npm', 'SIGKILL', null],
    ['npm', 'SIGHUP', null],
    ['set-up', 'SIGKILL', /scripts\/setup/],
    ['the command', 'SIGKILL', /src\/main/],
  ] as const)('leaves no process and no port when %s gets %s', async (_what, signal, words) => {
    const npm = serve();
    const port = await portOf(npm);
    const all = tree(npm);
    expect(all.map(command).join('\n')).toContain('model-process');
    process.kill(words === null ? (npm.pid as number) : (find(npm, words) as number), signal);
    await once(npm, 'exit');
    expect(await stillRunning(all)).toEqual([]);
    expect(await isTaken(port)).toBe(false);
  });
});

describe.runIf(process.platform === 'linux')('npm run cogumi', () => {
  it('leaves no process of a chat when npm is killed', async () => {
    const npm = cogumi('chat', bundle, '--threads', '1', '--max-tokens', '1');
    npm.stdin?.write('Hi\n');
    await once(npm.stdout!, 'data');
    const all = tree(npm);
    expect(all.map(command).join('\n')).toContain('model-process');
    npm.kill('SIGKILL');
    expect(await stillRunning(all)).toEqual([]);
  });

  it('leaves no engine behind when a build is killed, and exits with the code of a build that is interrupted', async () => {
    const build = () => cogumi('build', 'recipes/tiny.yaml', '--store', join(folder, 'store'), '--json');
    const killed = build();
    await expect.poll(() => find(killed, /cogumi_engine/)).toBeDefined();
    const all = tree(killed);
    process.kill(find(killed, /src\/main/) as number, 'SIGKILL');
    expect(await once(killed, 'exit')).toEqual([137, null]);
    expect(await stillRunning(all)).toEqual([]);
    const interrupted = build();
    await expect.poll(() => find(interrupted, /cogumi_engine/)).toBeDefined();
    const second = tree(interrupted);
    interrupted.kill('SIGINT');
    expect(await once(interrupted, 'exit')).toEqual([130, null]);
    expect(await stillRunning(second)).toEqual([]);
  });

  it('exits with the code of the command', async () => {
    expect(await once(cogumi('verfy'), 'exit')).toEqual([3, null]);
  });
});
