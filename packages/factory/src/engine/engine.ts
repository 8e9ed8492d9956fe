import { mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, type EngineEvent, type EngineJob, JOBS, type JobName } from '@cogumi/contracts';
import type { z } from 'zod';
import { EngineCrashedError } from './errors.ts';
import { startWorker, type Worker } from './worker.ts';

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
  let jobs = 0;

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
    mkdirSync(output, { recursive: true });
    const path = join(output, `.job-${++jobs}.json`);
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
    running.listen((event) => {
      if (event.event === 'done') resolve(event.facts as Facts);
      else if (event.event === 'error') reject(new CogumiError(event.code, event.message, event.hint));
      else onEvent(event);
    });
    running.ended.then((how) => reject(new EngineCrashedError(how, running.lastWords(), logPath, path)));
    const abort = () => {
      running.kill();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      running.start(path);
      const facts = await promise;
      await rm(path, { force: true });
      return facts;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };

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
