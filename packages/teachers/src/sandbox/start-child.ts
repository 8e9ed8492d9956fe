import type { ChildProcess, ForkOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { forkOwned } from '@cogumi/pure/process';
import { PREPARE } from './prepare.ts';
import { START_RUNNER } from './runner.ts';

/** Longest start (chosen). Loading Pyodide takes 1.5 s on two slow idle cores (measured), and several times that under load. */
const START_MS = 180_000;
/** JavaScript heap of the child in MiB (chosen); Pyodide itself needs 60 (measured). */
const HEAP_MIB = 256;
/**
 * Most CPU time of a child in all, by the kernel: it ends a program also when the parent is stopped and checks nothing (chosen: 300
 * times the limit of one program). The child is replaced after half of it.
 */
const CPU_SECONDS = 600;
/** No file may get a byte, and no core is dumped. The shell becomes the program. */
const LIMIT = 'ulimit -t "$0"; ulimit -f 0; ulimit -c 0; exec "$@"';

/**
 * V8's flags for a child that runs one program: no time is spent on faster code for later. It starts in 0.35 s of CPU time instead of 0.48,
 * and programs that run long take 1.5 times as much (both measured).
 */
const ONE_PROGRAM = ['--liftoff-only', '--single-threaded', '--wasm-lazy-validation'];

/** The memory of a Python that is ready, made on first use (3 s of CPU time, measured). */
let ready: Promise<Buffer> | null = null;

/**
 * Starts a child process and waits until Python is loaded in it.
 *
 * @param pythonMiB - Most memory for Python.
 * @param runs - How many programs it will run.
 * @throws CogumiError SANDBOX when it does not start, with the end of its stderr.
 */
export async function startChild(pythonMiB: number, runs: 'one' | 'many'): Promise<ChildProcess> {
  ready ??= prepareMemory(pythonMiB).catch((error: unknown) => {
    // The next start tries again.
    ready = null;
    throw error;
  });
  const memory = await ready;
  const child = forkSandbox(
    pythonMiB,
    START_RUNNER,
    ['pipe', 'ignore', 'pipe', 'ipc'],
    runs === 'one' ? ONE_PROGRAM : [],
  );
  // It may end before it has read everything, which its exit tells.
  child.stdin?.on('error', () => {}).end(memory);
  await untilStarted(child, 'message');
  return child;
}

async function prepareMemory(pythonMiB: number): Promise<Buffer> {
  const child = forkSandbox(pythonMiB, PREPARE, ['ignore', 'pipe', 'pipe', 'ipc']);
  const parts: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => parts.push(part));
  await untilStarted(child, 'close');
  return Buffer.concat(parts);
}

function forkSandbox(
  pythonMiB: number,
  first: string,
  stdio: ForkOptions['stdio'],
  flags: readonly string[] = [],
): ChildProcess {
  const pyodide = dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
  const script = join(import.meta.dirname, 'sandbox-process.mjs');
  return forkOwned(script, [pyodide, String(pythonMiB), String(CPU_SECONDS / 2), first], {
    execPath: '/bin/sh',
    execArgv: [
      ...['-c', LIMIT, String(CPU_SECONDS), process.execPath],
      // Forbids to write files, read other files, start processes or threads, and make code from text.
      '--permission',
      `--allow-fs-read=${pyodide}`,
      `--allow-fs-read=${import.meta.dirname}`,
      '--disallow-code-generation-from-strings',
      `--max-old-space-size=${HEAP_MIB}`,
      '--no-warnings',
      ...flags,
    ],
    env: {},
    stdio,
  });
}

/** Waits for a first message, or for the end without an error. */
async function untilStarted(child: ChildProcess, sign: 'message' | 'close'): Promise<void> {
  let stderrTail = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderrTail = (stderrTail + chunk.toString('utf8')).slice(-500);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (code: number | null, signal: string | null) =>
    reject(new Error(`ended (${signal ?? code}) ${stderrTail}`));
  const timer = setTimeout(() => reject(new Error(`not ready after ${START_MS} ms`)), START_MS);
  if (sign === 'message') child.once('message', () => resolve()).once('exit', fail);
  else child.once('close', (code, signal) => (code === 0 ? resolve() : fail(code, signal)));
  child.once('error', reject);
  try {
    await promise;
  } catch (cause) {
    child.kill('SIGKILL');
    throw new CogumiError(
      'SANDBOX',
      `The Python sandbox does not start: ${String(cause).slice(0, 300)}.`,
      'Run `npm ci` again.',
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
