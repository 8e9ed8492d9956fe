import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { treeMemoryBytes } from '@cogumi/pure';
import { descendants, isRunning } from '@cogumi/pure/testing';
import { COGUMI, ROOT } from '../start-cogumi.ts';

/** `cogumi serve` in a process of its own, as users run it, seen from outside. */
export interface ServedChild {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Process id of the model; null while none runs. */
  modelPid(): number | null;
  /** Resident bytes of the server and all its children. */
  memoryBytes(): number;
  /** TCP connections of its port that are open, seen from the server. */
  openSockets(): number;
  /** Files, pipes and sockets that the server and its model hold. */
  openFiles(): number;
  /** What it has written to stderr. */
  log(): string;
  /** SIGTERM. @returns its exit code. */
  close(): Promise<number | null>;
}

export interface ServeOptions {
  /** Of `cogumi serve`, besides those that every test needs. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What starts the server, such as `['nice', '-n', '10']`. */
  readonly before?: readonly string[];
  /** Open file to which stderr goes; default: it is kept for `log`. */
  readonly stderr?: number;
}

/** Starts `cogumi serve` on a free port with one thread, and waits until it serves. */
export async function serveChild(
  path: string,
  { args = [], env = {}, before = [], stderr }: ServeOptions = {},
): Promise<ServedChild> {
  const command = [
    ...before,
    process.execPath,
    COGUMI,
    'serve',
    path,
    '--port',
    '0',
    '--json',
    '--threads',
    '1',
    ...args,
  ];
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', stderr ?? 'pipe'],
    env: { ...process.env, ...env },
  });
  const pid = child.pid as number;
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')));
  const lines = createInterface({ input: child.stdout as Readable });
  const ended = once(child, 'close').then(() => {
    throw new Error(`cogumi serve ended before it served: ${log}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => undefined);
  const { url, error } = JSON.parse(line) as { url?: string; error?: object };
  if (url === undefined) throw new Error(`cogumi serve did not start: ${JSON.stringify(error)}`);
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    pid,
    modelPid: () => descendants(pid).find((below) => commandOf(below).includes('model-process')) ?? null,
    memoryBytes: () => treeMemoryBytes(pid) ?? 0,
    openSockets: () => openSockets(port),
    openFiles: () => [pid, ...descendants(pid)].reduce((sum, each) => sum + filesOf(each), 0),
    log: () => log,
    close: () => close(child),
  };
}

async function close(child: ChildProcess): Promise<number | null> {
  const pid = child.pid as number;
  if (!isRunning(pid)) return child.exitCode;
  const below = descendants(pid);
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const late = setTimeout(() => {
    for (const each of [pid, ...below]) if (isRunning(each)) process.kill(each, 'SIGKILL');
  }, 120_000);
  await closed;
  clearTimeout(late);
  return child.exitCode;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function filesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** States of /proc/net/tcp that hold a socket of the server: established, SYN received, FIN wait 1 and 2, close wait, last ack, closing. */
const OPEN = new Set(['01', '03', '04', '05', '08', '09', '0B']);

function openSockets(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '', , state = '']) => address.endsWith(local) && OPEN.has(state)).length;
}

/** Limits of a key in a key file. */
export type Limits = Readonly<Record<string, unknown>>;

/** Writes a key file of keys that are called as their owners: the key of `alice` is `key-of-alice`. */
export function writeKeys(folder: string, owners: Readonly<Record<string, Limits>>): string {
  const path = join(folder, 'keys.jsonl');
  const lines = Object.entries(owners).map(([name, limits]) =>
    JSON.stringify({ name, sha256: createHash('sha256').update(keyOf(name)).digest('hex'), ...limits }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

export function keyOf(owner: string): string {
  return `key-of-${owner}`;
}
