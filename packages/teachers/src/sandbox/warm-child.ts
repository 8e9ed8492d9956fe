import type { ChildProcess } from 'node:child_process';
import { CogumiError } from '@cogumi/contracts';
import type { SandboxTask, TaskOutcome } from './messages.ts';
import { runTasks, type TaskLimits } from './run-tasks.ts';

/** Consecutive children that may die before their first task (chosen); more point to a problem of the machine. */
const MOST_DEAD_CHILDREN = 3;

/**
 * A child process that starts with the first task and stays for later calls. A new one replaces it when a task killed it or
 * made it unusable.
 *
 * @returns A function that runs tasks and returns an outcome for each, in order.
 */
export function createWarmChild(
  start: () => Promise<ChildProcess>,
  kill: (child: ChildProcess) => void,
  limits: TaskLimits,
): (tasks: readonly SandboxTask[]) => Promise<TaskOutcome[]> {
  /** The current child. Another owner may kill it with `kill`; it is then replaced too. */
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
      if (dead === MOST_DEAD_CHILDREN) throw childDies(dead);
    }
    return outcomes;
  };
}

function childDies(times: number): CogumiError {
  return new CogumiError(
    'SANDBOX',
    `The Python sandbox ended ${times} times before it ran anything.`,
    'Check whether the machine is out of memory.',
  );
}
