import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { resolve as absolute, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CogumiError, type EngineEvent } from '@cogumi/contracts';
import { engineCommand, quote, workerEnvironment } from '../command.ts';
import { parseEvent } from '../events.ts';
import { logTail, quotedTail } from '../log-tail.ts';
import type { Ready, Worker } from '../types.ts';
import { parseRayAddress } from './address.ts';
import { HINT, hasEnded, type RayJob, type RayJobs, rayJobs } from './jobs-api.ts';

/** How long a head may be silent: at first contact, while a job runs, and after the build was stopped (chosen). */
const PATIENCE_MS = { contact: 5000, job: 60_000, stopped: 5000 };
/** Between two looks at a job (chosen), and how much longer for each byte of its log, which Ray sends whole each time. */
const LOOK_MS = 500;
const LOOK_MS_PER_BYTE = 1 / 256;
/** A cluster that makes new nodes takes minutes (chosen). */
const LONGEST_PENDING_MS = 900_000;
/** What a job printed that is no event, kept for its error message (chosen). */
const OTHER_LINES = 5;

/**
 * A worker whose jobs run on a Ray cluster, through Ray's Jobs API. Every node that runs them has to see this checkout, its Python and
 * the store under the same paths: a shared disk.
 *
 * @throws CogumiError EXECUTOR_INVALID, RAY_UNREACHABLE, RAY_REFUSED, RAY_BROKEN with what the cluster said.
 */
export async function startRayWorker(executor: string, log: string): Promise<Worker> {
  const address = parseRayAddress(executor);
  const logPath = absolute(log);
  mkdirSync(dirname(logPath), { recursive: true });
  const file = openSync(logPath, 'a');
  const logStart = fstatSync(file).size;
  closeSync(file);
  let patience = PATIENCE_MS.contact;
  const jobs = rayJobs(address, () => patience);
  const entrypoint = (job: string | null, processes = 1) =>
    `${engineCommand(workerEnvironment(process.env), job, { versions: true, processes })} 2>>${quote(logPath)}`;
  const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<string | CogumiError>();
  let others: string[] = [];
  let listener: (event: EngineEvent) => void = () => {};
  let running = false;
  let killed = false;

  /** Runs a command to its end, with each of its events. @returns How it ended; null if it succeeded. */
  const runJob = async (id: string, command: string, onEvent: (event: EngineEvent) => void): Promise<string | null> => {
    await clear(jobs, id);
    // Ray appends to the log of an earlier job of this name: what this one prints begins behind a line that no other has.
    const mark = `\n${randomUUID()}\n`;
    await jobs.submit(id, `echo; echo ${mark.trim()}; ${command}`);
    patience = PATIENCE_MS.job;
    others = [];
    let read = 0;
    const submitted = Date.now();
    for (;;) {
      const job = await jobs.find(id);
      if (job === null) throw lost(address.url, id);
      if (killed && !hasEnded(job)) await jobs.stop(id);
      if (job.status === 'PENDING' && Date.now() - submitted > LONGEST_PENDING_MS) throw busy(address.url, job);
      const whole = await jobs.logs(id);
      const text = whole.includes(mark) ? whole.slice(whole.indexOf(mark) + mark.length) : '';
      // A line that is not whole yet is read next time.
      const end = hasEnded(job) ? text.length : text.lastIndexOf('\n') + 1;
      const lines = text.slice(read, end).split('\n');
      read = Math.max(read, end);
      for (const line of lines) {
        const event = line.startsWith('{') ? parseEvent(line) : null;
        if (event) onEvent(event);
        else if (line.trim() !== '') others = [...others, line].slice(-OTHER_LINES);
      }
      if (hasEnded(job)) {
        await jobs.remove(id);
        return job.status === 'SUCCEEDED' ? null : describeEnd(job);
      }
      await sleep(LOOK_MS + whole.length * LOOK_MS_PER_BYTE);
    }
  };
  const tail = () => [logTail(logPath, logStart), ...others].filter((part) => part !== '').join('\n');

  let ready: Ready | null = null;
  const ending = await runJob(nameOf(`versions of ${logPath}`), entrypoint(null), (event) => {
    if (event.event === 'ready') ready = event;
  });
  if (ending !== null || ready === null) {
    throw new CogumiError(
      'RAY_BROKEN',
      `Ray at ${address.url} cannot start the engine (${ending ?? 'it said nothing'}).${quotedTail(tail())}`,
      'Every node needs this checkout, its Python and the store under the same paths; see docs/how-to/more-machines.md.',
    );
  }
  const known: Ready = ready;

  const start = async (jobPath: string, processes: number): Promise<void> => {
    const id = nameOf(jobPath);
    running = true;
    let last: EngineEvent | null = null;
    try {
      const how = await runJob(id, entrypoint(jobPath, processes), (event) => {
        if (event.event === 'ready') return refuseOther(known, event);
        // The last event of a job waits for its end: until then it may write.
        if (event.event === 'done' || event.event === 'error') last ??= event;
        else listener(event);
      });
      running = false;
      if (last) listener(last);
      else resolveEnd(how ?? 'exit code 0');
    } catch (cause) {
      if (!(cause instanceof CogumiError && cause.code === 'RAY_UNREACHABLE'))
        await jobs.stop(id).catch(() => undefined);
      resolveEnd(cause instanceof CogumiError ? cause : String(cause));
    }
  };
  return {
    ready: known,
    ended,
    logTail: tail,
    listen: (onEvent) => {
      listener = onEvent;
    },
    start: (jobPath, processes) => void start(absolute(jobPath), processes),
    kill: () => {
      patience = PATIENCE_MS.stopped;
      // The next look at a running job stops it.
      killed = true;
      if (!running) resolveEnd('stopped');
    },
  };
}

/** One name for each output folder: no two jobs ever write to it. */
function nameOf(jobPath: string): string {
  return `cogumi-${createHash('sha256').update(jobPath).digest('hex').slice(0, 20)}`;
}

/** Ends and forgets a job of this name, which a build that was killed has left. */
async function clear(jobs: RayJobs, id: string): Promise<void> {
  for (;;) {
    const job = await jobs.find(id);
    if (job === null) return;
    if (hasEnded(job)) await jobs.remove(id);
    else await jobs.stop(id);
    await sleep(LOOK_MS);
  }
}

function describeEnd({ status, message, driver_exit_code: code }: RayJob): string {
  if (status === 'STOPPED') return 'stopped by Ray';
  // A shell counts the signal that ended its program from 128 on.
  if (code === 137 || code === -9) return 'SIGKILL';
  return code === null || code === undefined
    ? (message ?? 'Ray gives no reason').trim().slice(0, 300)
    : `exit code ${code}`;
}

function refuseOther(known: Ready, found: Ready): void {
  // Not `bf16`, which each measures: what the first one said holds for all.
  const [one, other] = [known, found].map(({ versions, device }) => JSON.stringify({ versions, device }));
  if (one === other) return;
  throw new CogumiError(
    'RAY_NODES_DIFFER',
    `The nodes of the cluster are not alike: one has ${one}, the other ${other}.`,
    'Results depend on it. Reserve what only one kind of node has: `executor: ray://HOST:PORT?gpus=1`.',
  );
}

function busy(url: string, { message }: RayJob): CogumiError {
  return new CogumiError(
    'RAY_BUSY',
    `Ray at ${url} has not started the job for ${LONGEST_PENDING_MS / 60_000} minutes: ${message?.trim().slice(0, 300)}`,
    'Reserve what a node of the cluster has (`?cpus=N&gpus=N` in `executor`), or wait until others are done.',
  );
}

function lost(url: string, id: string): CogumiError {
  return new CogumiError(
    'RAY_JOB_LOST',
    `Ray at ${url} no longer knows job ${id}: its head was started again, or somebody deleted the job.`,
    HINT,
  );
}
