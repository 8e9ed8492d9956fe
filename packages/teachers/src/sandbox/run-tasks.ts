import type { ChildProcess } from 'node:child_process';
import { readAnswer, type SandboxTask, type SandboxWork, type TaskOutcome } from './messages.ts';
import { processUsage } from './process-usage.ts';

/** Limits of one task; beyond them the child process is killed. */
export interface TaskLimits {
  /** CPU time, which does not depend on the load of the machine. */
  readonly cpuMs: number;
  /** Wall-clock time, for a task that sleeps and for systems where CPU time cannot be read. */
  readonly wallMs: number;
  /** Memory of the whole child process, where it can be read. */
  readonly residentMiB: number;
}

export interface TasksRun {
  /** Outcomes in the order of the tasks, up to the last one that ran; empty when the child died before the first. */
  readonly outcomes: readonly TaskOutcome[];
  /** Whether the child can run further tasks. */
  readonly fit: boolean;
}

/** Interval between two checks of the limits (chosen: at 1 GB/s a task exceeds its limit by 50 MB). */
const CHECK_MS = 50;

/** Runs tasks in a child process, up to the first one after which the child cannot be used again. */
export function runTasks(
  child: ChildProcess,
  tasks: readonly SandboxTask[],
  { cpuMs, wallMs, residentMiB }: TaskLimits,
): Promise<TasksRun> {
  if (tasks.length === 0) return Promise.resolve({ outcomes: [], fit: true });
  const { promise, resolve } = Promise.withResolvers<TasksRun>();
  const outcomes: TaskOutcome[] = [];
  // Counted by checks, so that a machine that sleeps, or a stop of both processes, does not count.
  let checks = 0;
  let cpuBefore: number | null = null;

  const settle = (fit: boolean) => {
    clearInterval(timer);
    child.off('message', take).off('close', ended);
    resolve({ outcomes, fit });
  };
  const stop = (stopped: string) => {
    outcomes.push({ stopped });
    settle(false);
  };
  const take = (message: unknown) => {
    const answer = readAnswer(message, tasks[outcomes.length] as SandboxTask);
    if (!answer) return stop('its results cannot be read');
    const { last, ...outcome } = answer;
    outcomes.push(outcome);
    checks = 0;
    cpuBefore = null;
    if (last || outcomes.length === tasks.length) settle(!last);
  };
  const ended = (code: number | null, signal: string | null) =>
    stop(`it ended the sandbox (${signal ?? `exit code ${code}`})`);
  const checkLimits = () => {
    if (++checks * CHECK_MS > wallMs) return stop(`stopped after ${wallMs} ms`);
    const used = processUsage(child.pid as number);
    if (!used) return;
    cpuBefore ??= used.cpuMs;
    if (used.cpuMs - cpuBefore > cpuMs) stop(`stopped after ${cpuMs} ms of CPU time`);
    else if (used.residentBytes > residentMiB * 2 ** 20) stop(`stopped at ${residentMiB} MiB of memory`);
  };

  const timer = setInterval(checkLimits, CHECK_MS);
  // 'close' and not 'exit', which may come before the last messages are read and would then blame the wrong task.
  child.on('message', take).once('close', ended);
  if (!child.connected || !child.pid) settle(false);
  else child.send({ tasks, wallMs } satisfies SandboxWork, (error) => error && outcomes.length === 0 && settle(false));
  return promise;
}
