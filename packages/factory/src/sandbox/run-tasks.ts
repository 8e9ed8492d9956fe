import type { ChildProcess } from 'node:child_process';
import type { SandboxAnswer, SandboxTask, TaskOutcome } from './messages.ts';
import { processUsage } from './process-usage.ts';

/** What one task may use up before the child is ended over it. */
export interface TaskLimits {
  /** Processor time: the same on an idle and on a busy machine. */
  readonly cpuMs: number;
  /** Time on the clock, for a task that sleeps, and where processor time cannot be read. */
  readonly wallMs: number;
  /** Memory of the whole child, where it can be read. */
  readonly residentMiB: number;
}

/** How often a running child is looked at (chosen: at 1 GB/s a task gets 50 MB beyond its limit). */
const LOOK_MS = 50;

/**
 * Outcomes in the order of the tasks, up to the first that is stuck: nothing behind that one was run, and the child is
 * not to be used again. Empty when the child was gone before it took the first.
 */
export function runTasks(
  child: ChildProcess,
  tasks: readonly SandboxTask[],
  { cpuMs, wallMs, residentMiB }: TaskLimits,
): Promise<TaskOutcome[]> {
  if (tasks.length === 0) return Promise.resolve([]);
  const { promise, resolve } = Promise.withResolvers<TaskOutcome[]>();
  const outcomes: TaskOutcome[] = [];
  let since = Date.now();
  let cpuBefore: number | null = null;

  const settle = (stuck: string | null) => {
    clearInterval(timer);
    child.off('message', take).off('exit', ended);
    if (stuck !== null) outcomes.push({ stuck });
    resolve(outcomes);
  };
  const take = ({ shown }: SandboxAnswer) => {
    if (!shown) return;
    outcomes.push({ shown });
    since = Date.now();
    cpuBefore = null;
    if (outcomes.length === tasks.length) settle(null);
  };
  const ended = (code: number | null, signal: string | null) =>
    settle(`it ended the sandbox (${signal ?? `exit code ${code}`})`);
  const look = () => {
    if (Date.now() - since > wallMs) return settle(`stopped after ${wallMs} ms`);
    const used = processUsage(child.pid as number);
    if (!used) return;
    cpuBefore ??= used.cpuMs;
    if (used.cpuMs - cpuBefore > cpuMs) settle(`stopped after ${cpuMs} ms of processor time`);
    else if (used.residentBytes > residentMiB * 2 ** 20) settle(`stopped at ${residentMiB} MiB of memory`);
  };

  const timer = setInterval(look, LOOK_MS);
  child.on('message', take).once('exit', ended);
  if (!child.connected || !child.pid) settle(null);
  else child.send({ tasks }, (error) => error && outcomes.length === 0 && settle(null));
  return promise;
}
