import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CogumiError, EngineEvent } from '@cogumi/contracts';
import { spawnOwned } from '@cogumi/pure/process';
import { findPython, llamaSourcePath, ROOT } from './find-python.ts';
import { chooseSpinCount } from './spin-count.ts';

type Ready = Extract<EngineEvent, { event: 'ready' }>;

/** Longest start (chosen). Importing torch from a cold disk takes up to 20 s on a slow machine (measured). */
const START_MS = 180_000;

/** The part of the log's end that an error message quotes (chosen). */
const LOG_TAIL_BYTES = 2000;
const LOG_TAIL_LINES = 5;

/** One running `python -m cogumi_engine.worker`. */
export interface Worker {
  readonly ready: Ready;
  /** Resolves when the process has ended and its last event was delivered: `exit code 3`, `SIGKILL`. */
  readonly ended: Promise<string>;
  listen(onEvent: (event: EngineEvent) => void): void;
  start(jobPath: string): void;
  kill(): void;
  /** Last lines that it wrote to stderr. */
  logTail(): string;
}

/** Environment variables that a worker needs, and also a job that is run by hand. */
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
  const spins = await chooseSpinCount();
  const child = spawnOwned(python, ['-m', 'cogumi_engine.worker'], {
    stdio: ['pipe', 'ignore', log, 'pipe'],
    env: {
      ...process.env,
      ...engineEnvironment(process.env),
      // No request goes to the hub: every input of a job is a local path.
      HF_HUB_OFFLINE: '1',
      TOKENIZERS_PARALLELISM: 'false',
      GOMP_SPINCOUNT: String(spins),
      // Freed large tensors go back to the system: batches of changing shapes would fragment the heap
      // (measured: 3 GB instead of 9 GB after 600 steps; docs/log.md).
      MALLOC_MMAP_THRESHOLD_: String(2 ** 22),
    },
  });
  closeSync(log);
  const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<string>();
  // `close` comes after the last byte of the events, `exit` may come before it. `error` means that it never started.
  let garbled = '';
  child.on('close', (code, signal) => resolveEnd(`${signal ?? `exit code ${code}`}${garbled}`));
  child.on('error', (error) => resolveEnd(error.message));
  // `ended` reports a worker that died; a failed write to it adds nothing.
  child.stdin?.on('error', () => undefined);

  const { promise: started, resolve: resolveReady } = Promise.withResolvers<Ready>();
  let listener: (event: EngineEvent) => void = () => {};
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const event = parseEvent(line);
    if (event?.event === 'ready') resolveReady(event);
    else if (event) listener(event);
    else {
      // A partial line of a killed worker, or a process that speaks another protocol.
      garbled = ` after a line that is no event, ${JSON.stringify(line.slice(0, 120))}`;
      child.kill('SIGKILL');
    }
  });
  const logTail = () => readTail(logPath, logStart);
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    resolveEnd(`not ready after ${START_MS / 1000} s`);
    child.kill('SIGKILL');
  }, START_MS);
  const ready = await Promise.race([started, ended]);
  clearTimeout(late);
  if (typeof ready === 'string') {
    const tail = logTail();
    throw new CogumiError(
      'PYTHON_BROKEN',
      `${python} cannot start the engine (${ready}). Log: ${logPath}.${tail === '' ? '' : ` Last lines of the log:\n${tail}`}`,
      isLate
        ? 'The machine or its disk may be busy: run the command again, which goes on where this one stopped. If it stays so, `npm run setup` repairs an incomplete environment.'
        : 'Run `npm run setup`; it repairs an incomplete environment.',
    );
  }
  return {
    ready,
    ended,
    logTail,
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

/** The last lines of a log, no further back than byte `start`; reads the end of the file only. */
function readTail(path: string, start: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = Math.max(start, size - LOG_TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    readSync(file, bytes, 0, bytes.length, from);
    return bytes.toString('utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } finally {
    closeSync(file);
  }
}
