import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';

/** Loading Pyodide takes 1.5 s alone on two slow cores (measured), several times that on a busy machine. */
const START_MS = 180_000;
/** JavaScript heap of the child in MiB: Pyodide itself needs 60 (measured). */
const HEAP_MIB = 256;

/**
 * A child process with Python ready in it.
 *
 * @param pythonMiB - The most memory Python may take.
 * @throws CogumiError SANDBOX when it does not get ready, with the end of what it wrote to stderr.
 */
export async function startChild(pythonMiB: number): Promise<ChildProcess> {
  const pyodide = dirname(createRequire(import.meta.url).resolve('pyodide/package.json'));
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = join(import.meta.dirname, `sandbox-process.${extension}`);
  const child = fork(script, [pyodide, String(pythonMiB)], {
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
  child.once('error', reject);
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
