// @ts-check
// Plain JavaScript that Node 18 and later can run: set-up and launcher use it before Node 24 is there.
import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';

/** Its value is equal in all processes below one owner: on Linux, those that left their process group are found by it. */
const MARK = 'COGUMI_OWNER';
const owner = randomUUID();

/**
 * Each line lists what is to be killed when stdin ends: groups as -ID, processes as ID. A shell, because it is there on Linux and
 * macOS, takes 1 MB and starts in 2 ms (measured). The kernel closes stdin however this process ends, so SIGKILL is covered.
 */
const WATCHER = `
trap '' HUP INT QUIT TERM
while read -r line; do owned=$line; done
[ -n "$owned" ] && kill -s KILL -- $owned
[ -r /proc/self/environ ] || exit 0
for file in $(grep -lsz "^$1$" /proc/[0-9]*/environ); do
  process=\${file#/proc/}
  kill -s KILL "\${process%/environ}"
done`;

/** @type {Set<number>} */
const owned = new Set();
/** @type {import('node:child_process').ChildProcess | null} */
let watcher = null;

/**
 * What Node's `spawn` and `fork` take, and `foreground`: true keeps the child in this process group, where it reads the terminal
 * and gets its signals. Otherwise it leads a group of its own, which is killed when the child ends: nothing outlives it.
 *
 * @template {object} Options
 * @typedef {Omit<Options, 'detached'> & { readonly foreground?: boolean }} Owned
 */

/**
 * Starts a program that ends when this process ends, also by SIGKILL, whatever the program is doing. The programs that it starts
 * end with it. (On Windows, a program only sees that its pipes close.)
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Owned<import('node:child_process').SpawnOptions>} [options]
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnOwned(program, args, { foreground = false, ...options } = {}) {
  watcher ??= startWatcher();
  return own(spawn(program, args, { ...options, detached: !foreground, env: marked(options.env) }), foreground);
}

/**
 * As `spawnOwned`, for a module that Node runs with a channel to this process.
 *
 * @param {string | URL} module
 * @param {readonly string[]} args
 * @param {Owned<import('node:child_process').ForkOptions>} [options]
 * @returns {import('node:child_process').ChildProcess}
 */
export function forkOwned(module, args, { foreground = false, ...options } = {}) {
  watcher ??= startWatcher();
  return own(fork(module, args, { ...options, detached: !foreground, env: marked(options.env) }), foreground);
}

/**
 * Runs a program to its end, as `spawnOwned`.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Owned<import('node:child_process').SpawnOptions> & { readonly timeoutMs?: number }} [options] - `timeoutMs`: then it is killed.
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string }>} Text of the streams that
 * are pipes; by default stdout and stderr.
 * @throws If it cannot be started.
 */
export function runOwned(program, args, { timeoutMs, ...options } = {}) {
  const child = spawnOwned(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const text = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name]?.setEncoding('utf8').on('data', (piece) => {
      text[name] += piece;
    });
  }
  const late = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...text }));
  }).finally(() => clearTimeout(late));
}

/**
 * Runs a program in the foreground, in place of this process: it has the terminal, and every signal to end goes on to it.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Omit<import('node:child_process').SpawnOptions, 'detached' | 'stdio'>} [options]
 * @returns {Promise<number>} Its exit code; 128 and the signal's number if a signal ended it.
 * @throws If it cannot be started.
 */
export async function runInForeground(program, args, options = {}) {
  /** @type {import('node:child_process').ChildProcess | null} */
  let child = null;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => void child?.kill(signal);
  // Before the start: a signal that comes meanwhile waits for this turn to end.
  for (const signal of END_SIGNALS) process.on(signal, pass);
  try {
    const started = spawnOwned(program, args, { ...options, stdio: 'inherit', foreground: true });
    child = started;
    return await new Promise((resolve, reject) => {
      started.once('error', reject);
      started.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const signal of END_SIGNALS) process.off(signal, pass);
  }
}

/** @type {readonly NodeJS.Signals[]} */
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {NodeJS.ProcessEnv} [environment] */
function marked(environment = process.env) {
  return { ...environment, [MARK]: owner };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {boolean} foreground
 */
function own(child, foreground) {
  // Without a process `error` is emitted.
  if (child.pid === undefined || watcher === null) return child;
  const target = foreground ? child.pid : -child.pid;
  owned.add(target);
  tellWatcher();
  child.once('exit', () => {
    owned.delete(target);
    if (!foreground) killGroup(target);
    tellWatcher();
  });
  return child;
}

/** @param {number} group */
function killGroup(group) {
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

function tellWatcher() {
  watcher ??= startWatcher();
  watcher?.stdin?.write(`${[...owned].join(' ')}\n`);
}

/** @returns {import('node:child_process').ChildProcess | null} */
function startWatcher() {
  if (process.platform === 'win32') return null;
  // In a session of its own: no signal of the terminal reaches it.
  const started = spawn('/bin/sh', ['-c', WATCHER, 'watcher', `${MARK}=${owner}`], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Neither keeps this process running.
  started.unref();
  /** @type {import('node:net').Socket | null} */ (started.stdin)?.unref();
  started.stdin?.on('error', () => undefined);
  // Without a shell, the children still see that their pipes close.
  started.on('error', () => undefined);
  started.on('exit', (_code, signal) => {
    watcher = null;
    if (signal !== null && owned.size > 0) tellWatcher();
  });
  return started;
}
