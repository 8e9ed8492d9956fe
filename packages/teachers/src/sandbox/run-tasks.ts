import type { ChildProcess } from 'node:child_process';
import { readAnswer, type SandboxTask, type TaskOutcome } from './messages.ts';
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

export interface TasksRun {
  /** In the order of the tasks, up to the last that was run; empty when the child was gone before it took the first. */
  readonly outcomes: readonly TaskOutcome[];
  /** Whether the child may be given further tasks. */
  readonly fit: boolean;
}

/** How often a running child is looked at (chosen: at 1 GB/s a task gets 50 MB beyond its limit). */
const LOOK_MS = 50;

/** Runs tasks in a child, up to the first after which it is not to be used again. */
export function runTasks(
  child: ChildProcess,
  tasks: readonly SandboxTask[],
  { cpuMs, wallMs, residentMiB }: TaskLimits,
): Promise<TasksRun> {
  if (tasks.length === 0) return Promise.resolve({ outcomes: [], fit: true });
  const { promise, resolve } = Promise.withResolvers<TasksRun>();
  const outcomes: TaskOutcome[] = [];
  let since = Date.now();
  let cpuBefore: number | null = null;

  const settle = (fit: boolean) => {
    clearInterval(timer);
    child.off('message', take).off('close', ended);
    resolve({ outcomes, fit });
  };
  const stop = (stuck: string) => {
    outcomes.push({ stuck });
    settle(false);
  };
  const take = (message: unknown) => {
    const answer = readAnswer(message, tasks[outcomes.length] as SandboxTask);
    if (!answer) return stop('what it gave cannot be read');
    const { last, ...outcome } = answer;
    outcomes.push(outcome);
    since = Date.now();
    cpuBefore = null;
    if (last || outcomes.length === tasks.length) settle(!last);
  };
  const ended = (code: number | null, signal: string | null) =>
    stop(`it ended the sandbox (${signal ?? `exit code ${code}`})`);
  const look = () => {
    if (Date.now() - since > wallMs) return stop(`stopped after ${wallMs} ms`);
    const used = processUsage(child.pid as number);
    if (!used) return;
    cpuBefore ??= used.cpuMs;
    if (used.cpuMs - cpuBefore > cpuMs) stop(`stopped after ${cpuMs} ms of processor time`);
    else if (used.residentBytes > residentMiB * 2 ** 20) stop(`stopped at ${residentMiB} MiB of memory`);
  };

  const timer = setInterval(look, LOOK_MS);
  // 'exit' may come before the last messages are read, and would then be put down to the wrong task.
  child.on('message', take).once('close', ended);
  if (!child.connected || !child.pid) settle(false);
  else child.send({ tasks }, (error) => error && outcomes.length === 0 && settle(false));
  return promise;
}
