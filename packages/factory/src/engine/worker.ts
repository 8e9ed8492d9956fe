import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CogumiError, EngineEvent } from '@cogumi/contracts';
import { findPython, llamaSourcePath, ROOT } from './find-python.ts';

type Ready = Extract<EngineEvent, { event: 'ready' }>;

/** Importing torch from a cold disk takes up to 20 s on a slow machine (measured); what is not ready by then never is. */
const START_MS = 180_000;

/** As much of the log's end as is told with a failure. */
const LAST_WORDS_BYTES = 2000;
const LAST_WORDS_LINES = 5;

/** One running `python -m cogumi_engine.worker`. */
export interface Worker {
  readonly ready: Ready;
  /** Resolves with how it ended, after its last event was heard. */
  readonly ended: Promise<string>;
  listen(onEvent: (event: EngineEvent) => void): void;
  start(jobPath: string): void;
  kill(): void;
  /** Last lines of what it wrote to stderr. */
  lastWords(): string;
}

/** What a worker, or the same job run by hand, needs in its environment. */
export function engineEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return { PYTHONPATH: join(ROOT, 'engine'), COGUMI_LLAMA_SOURCE: llamaSourcePath(environment) };
}

/**
 * Starts a worker and waits until its libraries are loaded.
 *
 * @throws CogumiError PYTHON_MISSING, PYTHON_BROKEN with the end of its stderr.
 */
export async function startWorker(logPath: string): Promise<Worker> {
  const python = findPython(process.env);
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a');
  const logStart = fstatSync(log).size;
  const child = spawn(python, ['-m', 'cogumi_engine.worker'], {
    stdio: ['pipe', 'ignore', log, 'pipe'],
    env: {
      ...process.env,
      ...engineEnvironment(process.env),
      // No hub is asked for anything: what a job reads was handed to it.
      HF_HUB_OFFLINE: '1',
      TOKENIZERS_PARALLELISM: 'false',
      // OpenMP's threads wait for each other awake for 0.2 s instead of 3 ms: between the products of a small model they would
      // fall asleep (measured: 4,250 instead of 2,500 tokens/s; docs/log.md).
      GOMP_SPINCOUNT: String(2e7),
      // Large tensors go back to the system when freed: batches of ever new shapes split the heap otherwise
      // (measured: 3 GB instead of 9 GB after 600 steps; docs/log.md).
      MALLOC_MMAP_THRESHOLD_: String(2 ** 22),
    },
  });
  closeSync(log);
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<string>();
  // `close` comes after the last byte of the events, `exit` may come before; `error`: it never started.
  let garbled = '';
  child.on('close', (code, signal) => tellEnd(`${signal ?? `exit code ${code}`}${garbled}`));
  child.on('error', (error) => tellEnd(error.message));
  // Writing to a worker that just died is told by `ended`.
  child.stdin?.on('error', () => undefined);

  const { promise: started, resolve: tellReady } = Promise.withResolvers<Ready>();
  let listener: (event: EngineEvent) => void = () => {};
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const event = parseEvent(line);
    if (event?.event === 'ready') tellReady(event);
    else if (event) listener(event);
    else {
      // The stump of a line whose writer was killed; from one that lives, it is another protocol than ours.
      garbled = ` after a line that is no event, ${JSON.stringify(line.slice(0, 120))}`;
      child.kill('SIGKILL');
    }
  });
  const lastWords = () => readEnd(logPath, logStart);
  const late = setTimeout(() => {
    tellEnd(`not ready after ${START_MS / 1000} s`);
    child.kill('SIGKILL');
  }, START_MS);
  const ready = await Promise.race([started, ended]);
  clearTimeout(late);
  if (typeof ready === 'string') {
    const said = lastWords();
    throw new CogumiError(
      'PYTHON_BROKEN',
      `${python} cannot start the engine (${ready}). Log: ${logPath}.${said === '' ? '' : ` It last said:\n${said}`}`,
      'Run `npm run setup`; it mends a half-made environment.',
    );
  }
  return {
    ready,
    ended,
    lastWords,
    listen: (onEvent) => {
      listener = onEvent;
    },
    start: (jobPath) => {
      child.stdin?.write(`${jobPath}\n`);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

function parseEvent(line: string): EngineEvent | null {
  try {
    return EngineEvent.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** The last lines of a log from `start` on, without reading the rest of it. */
function readEnd(path: string, start: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = Math.max(start, size - LAST_WORDS_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    readSync(file, bytes, 0, bytes.length, from);
    return bytes.toString('utf8').trim().split('\n').slice(-LAST_WORDS_LINES).join('\n');
  } finally {
    closeSync(file);
  }
}
