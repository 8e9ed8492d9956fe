import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CogumiError, EngineEvent } from '@cogumi/contracts';
import { findLlamaSource, findPython, ROOT } from './find-python.ts';

type Ready = Extract<EngineEvent, { event: 'ready' }>;

/** One running `python -m cogumi_engine.worker`. */
export interface Worker {
  readonly ready: Ready;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  listen(onEvent: (event: EngineEvent) => void): void;
  start(jobPath: string): void;
  kill(): void;
  /** Last line of its stderr. */
  lastWords(): string;
}

/**
 * Starts a worker and waits until its libraries are loaded.
 *
 * @throws CogumiError PYTHON_MISSING, PYTHON_BROKEN with the end of its stderr.
 */
export async function startWorker(logPath: string): Promise<Worker> {
  const python = findPython(process.env);
  const child = spawn(python, ['-m', 'cogumi_engine.worker'], {
    stdio: ['pipe', 'ignore', openSync(logPath, 'a'), 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: join(ROOT, 'engine'),
      COGUMI_LLAMA_SOURCE: findLlamaSource(process.env),
      // No hub is asked for anything: what a job reads was handed to it.
      HF_HUB_OFFLINE: '1',
      TOKENIZERS_PARALLELISM: 'false',
      // Large tensors go back to the system when freed: batches of ever new shapes split the heap otherwise
      // (measured: 3 GB instead of 9 GB after 600 steps; docs/log.md).
      MALLOC_MMAP_THRESHOLD_: String(2 ** 22),
    },
  });
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<string>();
  child.on('exit', (code, signal) => tellEnd(signal ?? `exit code ${code}`));
  child.on('error', (error) => tellEnd(error.message));
  // Writing to a worker that just died is told by `ended`.
  child.stdin?.on('error', () => undefined);

  const { promise: started, resolve: tellReady } = Promise.withResolvers<Ready>();
  let listener: (event: EngineEvent) => void = () => {};
  createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
    const event = EngineEvent.parse(JSON.parse(line));
    if (event.event === 'ready') tellReady(event);
    else listener(event);
  });
  const lastWords = () => readFileSync(logPath, 'utf8').trim().split('\n').at(-1)?.slice(-300) ?? '';
  const ready = await Promise.race([started, ended]);
  if (typeof ready === 'string') {
    throw new CogumiError(
      'PYTHON_BROKEN',
      `${python} cannot start the engine (${ready}): ${lastWords()}. Log: ${logPath}`,
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
