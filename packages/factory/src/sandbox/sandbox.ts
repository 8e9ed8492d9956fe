import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import type { ProgramResult, SandboxAnswer } from './messages.ts';

/** A program and what calls of it must give: both sides are Python expressions, compared with `==` and by type. */
export interface Program {
  readonly code: string;
  readonly calls: readonly { readonly call: string; readonly expected: string }[];
}

export interface Sandbox {
  /** Results in the order of the programs. A program that hangs or eats memory fails alone. */
  run(programs: readonly Program[]): Promise<ProgramResult[]>;
  close(): Promise<void>;
}

/** Longest a program with its calls may take; the generators' own take under a millisecond (chosen). */
const PROGRAM_MS = 2000;
/** Loading Pyodide takes 1.5 s alone on two slow cores (measured), several times that on a busy machine. */
const START_MS = 60_000;
/** Heap of the child in MiB: Pyodide itself needs 60 (measured); WebAssembly memory is bounded in the child. */
const HEAP_MIB = 512;

/**
 * Runs Python in CPython compiled to WebAssembly, in a child process without network, files, subprocesses or a way back
 * to JavaScript. Nothing of it runs in this process.
 */
export function createSandbox(): Sandbox {
  let child: Promise<ChildProcess> | null = null;

  const start = () => {
    child ??= startChild();
    return child;
  };
  const stop = async () => {
    const running = await child?.catch(() => null);
    child = null;
    running?.kill('SIGKILL');
  };

  return {
    async run(programs) {
      const results: ProgramResult[] = [];
      while (results.length < programs.length) {
        const rest = programs.slice(results.length);
        const answered = await runBatch(await start(), rest);
        results.push(...answered.results);
        if (answered.stuck !== null) {
          results.push({ passed: false, reason: answered.stuck });
          await stop();
        }
      }
      return results;
    },
    close: stop,
  };
}

async function startChild(): Promise<ChildProcess> {
  const pyodide = dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = join(import.meta.dirname, `sandbox-process.${extension}`);
  const child = fork(script, [pyodide], {
    // What the child may not: write, open other files, start processes or threads, make code from text.
    execArgv: [
      '--permission',
      `--allow-fs-read=${pyodide}`,
      `--allow-fs-read=${import.meta.dirname}`,
      '--disallow-code-generation-from-strings',
      `--max-old-space-size=${HEAP_MIB}`,
      '--no-warnings',
    ],
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-500);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`not ready after ${START_MS} ms`)), START_MS);
  child.once('message', () => resolve());
  child.once('exit', (code, signal) => reject(new Error(`ended (${signal ?? code}) ${lastWords}`)));
  try {
    await promise;
    return child;
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

/** Runs until all are done or one is stuck. */
function runBatch(
  child: ChildProcess,
  programs: readonly Program[],
): Promise<{ results: ProgramResult[]; stuck: string | null }> {
  const { promise, resolve } = Promise.withResolvers<{ results: ProgramResult[]; stuck: string | null }>();
  const results: ProgramResult[] = [];
  const settle = (stuck: string | null) => {
    clearTimeout(timer);
    child.removeAllListeners('message');
    child.removeAllListeners('exit');
    resolve({ results, stuck });
  };
  const slow = () => settle(`stopped after ${PROGRAM_MS} ms`);
  let timer = setTimeout(slow, PROGRAM_MS);
  child.on('message', ({ result }: SandboxAnswer) => {
    if (!result) return;
    results.push(result);
    clearTimeout(timer);
    if (results.length === programs.length) settle(null);
    else timer = setTimeout(slow, PROGRAM_MS);
  });
  child.once('exit', (code, signal) => settle(`it ended the sandbox (${signal ?? `exit code ${code}`})`));
  child.send({ programs }, () => undefined);
  return promise;
}
