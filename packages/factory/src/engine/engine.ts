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
  /** Completed and checked by the job's schema. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: string;
  readonly seed: number;
}

type Facts = Record<string, z.core.util.JSONType>;

/** The Python side: jobs one after another in one warm worker. */
export interface Engine {
  /**
   * Runs a job and answers its facts.
   *
   * @throws CogumiError with the code of the job's error event (e.g. QUANTIZED_BASE), PYTHON_MISSING, PYTHON_BROKEN;
   * EngineCrashedError when the worker dies, after which the next job gets a new one; the signal's reason when aborted.
   */
  run(
    request: EngineRequest,
    options?: { onEvent?: (event: EngineEvent) => void; signal?: AbortSignal },
  ): Promise<Facts>;
  /** Libraries, their versions and the kind of device: part of the key of everything the engine makes. */
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
    // Always the same name, so that a job killed and taken up again leaves no second one behind.
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
    // Heard below; a job aborted before it started leaves it to itself.
    promise.catch(() => undefined);
    running.listen((event) => {
      if (event.event === 'done') resolve(event.facts as Facts);
      else if (event.event === 'error') reject(toError(event, path));
      else onEvent(event);
    });
    // Told when the worker is gone, aborted or not: nobody writes to the output any more, and the next job gets a new one.
    running.ended.then((how) =>
      reject(signal?.aborted ? signal.reason : new EngineCrashedError(how, running.lastWords(), logPath, rerun(path))),
    );
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
      ? new CogumiError(code, `${message} Log: ${logPath}.`, `${hint} Run it alone: ${rerun(path)}`)
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

/** The command that runs a job file alone, for a shell. */
function rerun(jobPath: string): string {
  const environment = Object.entries(engineEnvironment(process.env)).map(([name, value]) => `${name}=${quote(value)}`);
  return [...environment, quote(findPython(process.env)), '-m', 'cogumi_engine', 'run', quote(jobPath)].join(' ');
}

const quote = (word: string) => (/^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
