import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CogumiError, type EngineEvent } from '@cogumi/contracts';
import { spawnOwned } from '@cogumi/pure/process';
import { engineArguments, workerEnvironment } from './command.ts';
import { parseEvent } from './events.ts';
import { findPython } from './find-python.ts';
import { logTail, quotedTail } from './log-tail.ts';
import { chooseSpinCount } from './spin-count.ts';
import type { Ready, Worker } from './types.ts';

/** Longest start (chosen). Importing torch from a cold disk takes up to 20 s on a slow machine (measured). */
const START_MS = 180_000;

/**
 * Starts a warm process, `python -m cogumi_engine.worker`, and waits until its libraries are loaded.
 *
 * @throws CogumiError PYTHON_MISSING, PYTHON_BROKEN with the end of its stderr.
 */
export async function startWorker(logPath: string): Promise<Worker> {
  const { promise: started, resolve: resolveReady } = Promise.withResolvers<Ready>();
  let listener: (event: EngineEvent) => void = () => {};
  const engine = await startProcess(['-m', 'cogumi_engine.worker'], logPath, 3, (event) => {
    if (event.event === 'ready') resolveReady(event);
    else listener(event);
  });
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    engine.end(`not ready after ${START_MS / 1000} s`);
  }, START_MS);
  const ready = await Promise.race([started, engine.ended]);
  clearTimeout(late);
  if (typeof ready === 'string') {
    throw new CogumiError(
      'PYTHON_BROKEN',
      `${findPython(process.env)} cannot start the engine (${ready}). Log: ${logPath}.${quotedTail(engine.logTail())}`,
      isLate
        ? 'The machine or its disk may be busy: run the command again, which goes on where this one stopped. If it stays so, `npm run setup` repairs an incomplete environment.'
        : 'Run `npm run setup`; it repairs an incomplete environment.',
    );
  }
  return {
    ready,
    ended: engine.ended,
    logTail: engine.logTail,
    listen: (onEvent) => {
      listener = onEvent;
    },
    start: (jobPath) => {
      engine.child.stdin?.write(`${jobPath}\n`);
    },
    kill: () => {
      engine.child.kill('SIGKILL');
    },
  };
}

/** Several processes of this machine for one job, which `torchrun` starts: it ends them all when one of them dies. */
export function startSharedWorker(ready: Ready, logPath: string): Worker {
  const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<string>();
  let listener: (event: EngineEvent) => void = () => {};
  let engine: EngineProcess | null = null;
  let killed = false;
  const run = async (jobPath: string, processes: number) => {
    let last: EngineEvent | null = null;
    engine = await startProcess(engineArguments(jobPath, { processes }), logPath, 1, (event) => {
      // After the last event of one process, others may still write.
      if (event.event === 'done' || event.event === 'error') last ??= event;
      else listener(event);
    });
    if (killed) engine.child.kill('SIGKILL');
    const how = await engine.ended;
    if (last) listener(last);
    resolveEnd(how);
  };
  return {
    ready,
    ended,
    logTail: () => engine?.logTail() ?? '',
    listen: (onEvent) => {
      listener = onEvent;
    },
    start: (jobPath, processes) => {
      run(jobPath, processes).catch((cause: Error) => resolveEnd(cause.message));
    },
    kill: () => {
      killed = true;
      engine?.child.kill('SIGKILL');
    },
  };
}

type EngineProcess = Awaited<ReturnType<typeof startProcess>>;

/** Starts the engine's Python, whose events come on descriptor `channel` and whose stderr is the log. */
async function startProcess(
  args: readonly string[],
  logPath: string,
  channel: 1 | 3,
  onEvent: (event: EngineEvent) => void,
) {
  const python = findPython(process.env);
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a');
  const logStart = fstatSync(log).size;
  const spins = await chooseSpinCount();
  const child = spawnOwned(python, args, {
    stdio: ['pipe', channel === 1 ? 'pipe' : 'ignore', log, channel === 3 ? 'pipe' : 'ignore'],
    env: { ...process.env, ...workerEnvironment(process.env), GOMP_SPINCOUNT: String(spins) },
  });
  closeSync(log);
  const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<string>();
  // `close` comes after the last byte of the events, `exit` may come before it. `error` means that it never started.
  let garbled = '';
  child.on('close', (code, signal) => resolveEnd(`${signal ?? `exit code ${code}`}${garbled}`));
  child.on('error', (error) => resolveEnd(error.message));
  // `ended` reports a process that died; a failed write to it adds nothing.
  child.stdin?.on('error', () => undefined);
  createInterface({ input: child.stdio[channel] as Readable }).on('line', (line) => {
    const event = parseEvent(line);
    if (event) return onEvent(event);
    // A partial line of a killed process, or one that speaks another protocol.
    garbled = ` after a line that is no event, ${JSON.stringify(line.slice(0, 120))}`;
    child.kill('SIGKILL');
  });
  return {
    child,
    ended,
    logTail: () => logTail(logPath, logStart),
    end: (how: string) => {
      resolveEnd(how);
      child.kill('SIGKILL');
    },
  };
}
