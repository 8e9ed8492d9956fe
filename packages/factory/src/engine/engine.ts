import { mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, type EngineEvent, type EngineJob, JOBS, type JobName } from '@cogumi/contracts';
import type { z } from 'zod';
import { EngineCrashedError } from './errors.ts';
import { findPython } from './find-python.ts';
import { engineEnvironment, startWorker, type Worker } from './worker.ts';

export interface EngineRequest {
  readonly job: JobName;
  /** Name to absolute path. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The job's schema adds the defaults and checks them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: string;
  readonly seed: number;
}

type Facts = Record<string, z.core.util.JSONType>;

/** Runs Python jobs one after another in one warm worker process. */
export interface Engine {
  /**
   * Runs a job and returns its facts.
   *
   * @throws CogumiError with the code of the job's error event (e.g. QUANTIZED_BASE), PYTHON_MISSING, PYTHON_BROKEN;
   * EngineCrashedError when the worker dies (the next job then starts a new one); the signal's reason when aborted.
   */
  run(
    request: EngineRequest,
    options?: { onEvent?: (event: EngineEvent) => void; signal?: AbortSignal },
  ): Promise<Facts>;
  /** Libraries with their versions and the kind of device: part of the cache key of every artifact that the engine makes. */
  versions(): Promise<string>;
  close(): Promise<void>;
}

/**
 * @param threads - CPU threads of a job; results depend on it, so a build fixes it.
 * @param logPath - Where the worker's stderr goes.
 */
export function createEngine({ threads, logPath }: { threads: number; logPath: string }): Engine {
  let worker: Promise<Worker> | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const warm = (): Promise<Worker> => {
    if (worker) return worker;
    const starting = startWorker(logPath);
    worker = starting;
    const forget = () => {
      if (worker === starting) worker = null;
    };
    starting.then(({ ended }) => ended.then(forget), forget);
    return starting;
  };

  const runNow = async (
    { job, inputs, options, output, seed }: EngineRequest,
    onEvent: (event: EngineEvent) => void,
    signal: AbortSignal | undefined,
  ): Promise<Facts> => {
    signal?.throwIfAborted();
    const running = await warm();
    signal?.throwIfAborted();
    mkdirSync(output, { recursive: true });
    // A fixed name: a job that is killed and resumed overwrites its file.
    const path = join(output, '.job.json');
    const file: EngineJob = {
      job,
      version: 1,
      inputs: { ...inputs },
      options: JOBS[job].parse(options) as EngineJob['options'],
      output,
      seed,
      threads,
      device: running.ready.device.startsWith('cpu') ? 'cpu' : 'cuda',
    };
    await writeFile(path, JSON.stringify(file));

    const { promise, resolve, reject } = Promise.withResolvers<Facts>();
    // Awaited below. A job that is aborted before its start never awaits it, which must not be an unhandled rejection.
    promise.catch(() => undefined);
    let unheard: { readonly cause: unknown } | null = null;
    running.listen((event) => {
      if (unheard) return;
      if (event.event === 'done') return resolve(event.facts as Facts);
      if (event.event === 'error') return reject(toError(event, path));
      try {
        onEvent(event);
      } catch (cause) {
        // Mostly a log on a full disk. The job fails with it as if it had failed itself.
        unheard = { cause };
        running.kill();
      }
    });
    // Rejects only when the worker is gone, also after an abort: by then nothing writes to the output folder.
    running.ended.then((how) => {
      if (unheard) return reject(unheard.cause);
      reject(signal?.aborted ? signal.reason : new EngineCrashedError(how, running.logTail(), logPath, rerun(path)));
    });
    const abort = () => running.kill();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      running.start(path);
      const facts = await promise;
      await rm(path, { force: true });
      return facts;
    } finally {
      running.listen(() => {});
      signal?.removeEventListener('abort', abort);
    }
  };

  const toError = ({ code, message, hint }: { code: string; message: string; hint: string }, path: string) =>
    code === 'ENGINE_FAILED'
      ? new CogumiError(code, `${message} Log: ${logPath}.`, `${hint} Run the job by itself: ${rerun(path)}`)
      : new CogumiError(code, message, hint);

  return {
    run: (request, { onEvent = () => {}, signal } = {}) => {
      const turn = queue.then(() => runNow(request, onEvent, signal));
      queue = turn.catch(() => undefined);
      return turn;
    },
    versions: async () => {
      const { ready } = await warm();
      const libraries = Object.entries(ready.versions).map(([name, version]) => `${name} ${version}`);
      return [...libraries.sort(), ready.device, ready.bf16 ? 'bf16' : 'f32', `${threads} threads`].join(', ');
    },
    close: async () => {
      const open = await worker?.catch(() => null);
      open?.kill();
      await open?.ended;
    },
  };
}

/** The shell command that runs one job file. */
function rerun(jobPath: string): string {
  const environment = Object.entries(engineEnvironment(process.env)).map(([name, value]) => `${name}=${quote(value)}`);
  return [...environment, quote(findPython(process.env)), '-m', 'cogumi_engine', 'run', quote(jobPath)].join(' ');
}

const quote = (word: string) => (/^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
