import type { ChildProcess } from 'node:child_process';
import { CogumiError } from '@cogumi/contracts';
import type { SandboxTask, TaskOutcome } from './messages.ts';
import { runTasks, type TaskLimits } from './run-tasks.ts';

/** Children in a row that die before they take their first task, after which it is the machine's fault. */
const MOST_DEAD_CHILDREN = 3;

/**
 * A child that is started when the first task comes and stays for those of later calls; another takes its place when a
 * task ended it or left it unfit.
 *
 * @returns A function that runs tasks and gives an outcome for each, in order.
 */
export function createWarmChild(
  start: () => Promise<ChildProcess>,
  kill: (child: ChildProcess) => void,
  limits: TaskLimits,
): (tasks: readonly SandboxTask[]) => Promise<TaskOutcome[]> {
  /** Killed by `kill` from elsewhere, it is not used again either. */
  let child: ChildProcess | null = null;
  return async (tasks) => {
    const outcomes: TaskOutcome[] = [];
    let dead = 0;
    while (outcomes.length < tasks.length) {
      if (!child || child.killed) child = await start();
      const done = await runTasks(child, tasks.slice(outcomes.length), limits);
      outcomes.push(...done.outcomes);
      if (!done.fit) {
        kill(child);
        child = null;
      }
      dead = done.outcomes.length === 0 ? dead + 1 : 0;
      if (dead === MOST_DEAD_CHILDREN) throw diesAlone(dead);
    }
    return outcomes;
  };
}

function diesAlone(times: number): CogumiError {
  return new CogumiError(
    'SANDBOX',
    `The Python sandbox ended ${times} times before it ran anything.`,
    'Look whether the machine is out of memory.',
  );
}
