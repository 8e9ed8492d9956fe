import { mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, type EngineEvent, type EngineJob, JOBS, type JobName } from '@cogumi/contracts';
import type { z } from 'zod';
import { rerunCommand } from './command.ts';
import { EngineCrashedError } from './errors.ts';
import { startRayWorker } from './ray/ray-worker.ts';
import type { Worker } from './types.ts';
import { startSharedWorker, startWorker } from './worker.ts';

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

/** Jobs that several processes can share; their Python side calls `distributed.connect`. */
const SHARED: ReadonlySet<JobName> = new Set(['pretrain', 'train', 'draft']);

export interface EngineSettings {
  /** CPU threads of a process of a job; results depend on it, so a build fixes it. */
  readonly threads: number;
  /** Where stderr goes. */
  readonly logPath: string;
  /** `local`, or `ray://HOST:PORT`. */
  readonly executor?: string;
  /** Processes that share a training job. */
  readonly devices?: number;
  /** Whether they cut the frozen weights among them. */
  readonly shard?: boolean;
}

/** Runs Python jobs one after another in one warm worker process. */
export interface Engine {
  /**
   * Runs a job and returns its facts.
   *
   * @throws CogumiError with the code of the job's error event (e.g. QUANTIZED_BASE), PYTHON_MISSING, PYTHON_BROKEN;
   * RANK_DIED when one of several processes dies; EngineCrashedError when the worker dies (the next job then starts a new one); the
   * signal's reason when aborted.
   */
  run(
    request: EngineRequest,
    options?: { onEvent?: (event: EngineEvent) => void; signal?: AbortSignal },
  ): Promise<Facts>;
  /** Libraries with their versions and the kind of device: part of the cache key of every artifact that the engine makes. */
  versions(): Promise<string>;
  close(): Promise<void>;
}

export function createEngine({
  threads,
  logPath,
  executor = 'local',
  devices = 1,
  shard = false,
}: EngineSettings): Engine {
  let worker: Promise<Worker> | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const warm = (): Promise<Worker> => {
    if (worker) return worker;
    const starting = executor === 'local' ? startWorker(logPath) : startRayWorker(executor, logPath);
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
    const processes = SHARED.has(job) ? devices : 1;
    const worker = await warm();
    const running = processes > 1 && executor === 'local' ? startSharedWorker(worker.ready, logPath) : worker;
    signal?.throwIfAborted();
    mkdirSync(output, { recursive: true });
    // A fixed name: a job that is killed and resumed overwrites its file.
    const path = join(output, '.job.json');
    const file: EngineJob = {
      job,
      version: 1,
      inputs: { ...inputs },
      options: withPrecision(JOBS[job].parse(options) as EngineJob['options'], running.ready.bf16),
      output,
      seed,
      threads,
      device: running.ready.device.startsWith('cpu') ? 'cpu' : 'cuda',
      ...(processes > 1 && shard && { shard }),
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
      if (signal?.aborted) return reject(signal.reason);
      reject(
        typeof how === 'string' ? new EngineCrashedError(how, running.logTail(), logPath, rerunCommand(path)) : how,
      );
    });
    const abort = () => running.kill();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      running.start(path, processes);
      const facts = await promise;
      await rm(path, { force: true });
      return facts;
    } finally {
      running.listen(() => {});
      signal?.removeEventListener('abort', abort);
    }
  };

  const toError = ({ code, message, hint }: { code: string; message: string; hint: string }, path: string) => {
    if (code !== 'ENGINE_FAILED') {
      return new CogumiError(code, code === 'RANK_DIED' ? `${message} Log: ${logPath}.` : message, hint);
    }
    return new CogumiError(code, `${message} Log: ${logPath}.`, `${hint} Run the job by itself: ${rerunCommand(path)}`);
  };

  return {
    run: (request, { onEvent = () => {}, signal } = {}) => {
      const turn = queue.then(() => runNow(request, onEvent, signal));
      queue = turn.catch(() => undefined);
      return turn;
    },
    versions: async () => {
      const { ready } = await warm();
      const count = devices > 1 ? `${threads} threads in ${devices} processes` : `${threads} threads`;
      const libraries = Object.entries(ready.versions).map(([name, version]) => `${name} ${version}`);
      return [...libraries.sort(), ready.device, ready.bf16 ? 'bf16' : 'f32', count].join(', ');
    },
    close: async () => {
      const open = await worker?.catch(() => null);
      open?.kill();
      await open?.ended;
    },
  };
}

/** `auto` becomes what the keys say: processes that measure for themselves may differ on a busy machine. */
function withPrecision(options: EngineJob['options'], bf16: boolean): EngineJob['options'] {
  return options.precision === 'auto' ? { ...options, precision: bf16 ? 'bf16' : 'f32' } : options;
}
