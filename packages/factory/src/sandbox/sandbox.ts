import type { ChildProcess } from 'node:child_process';
import { CogumiError } from '@cogumi/contracts';
import type { SandboxTask, Shown, TaskOutcome } from './messages.ts';
import { reachesOut } from './reaches-out.ts';
import { runTasks, type TaskLimits } from './run-tasks.ts';
import { startChild } from './start-child.ts';

/** A program and what calls of it must give: both sides are Python expressions, compared by value and type. */
export interface Program {
  readonly code: string;
  readonly calls: readonly { readonly call: string; readonly expected: string }[];
}

export interface ProgramResult {
  readonly passed: boolean;
  /** Empty when it passed. */
  readonly reason: string;
}

export interface Sandbox {
  /** Results in the order of the programs. A program that hangs or eats memory fails alone. */
  run(programs: readonly Program[]): Promise<ProgramResult[]>;
  close(): Promise<void>;
}

export interface SandboxOptions extends Partial<TaskLimits> {
  /** The most memory Python may take, its own 20 MiB included; beyond it a program gets a MemoryError. */
  readonly pythonMiB?: number;
}

/** Children in a row that die before they take their first task, after which it is the machine's fault. */
const MOST_DEAD_CHILDREN = 3;

/**
 * Runs Python in CPython compiled to WebAssembly, in a child process without network, files, subprocesses or a way back
 * to JavaScript. Nothing of it runs in this process, and what is expected never lies where a program could read it.
 *
 * Limits by default, all chosen: 2 s of processor time a program (the generators' own take under a millisecond), 30 s on
 * the clock, 256 MiB for Python and 640 MiB for the child (190 MiB of that is Pyodide, measured).
 */
export function createSandbox({
  cpuMs = 2000,
  wallMs = 30_000,
  residentMiB = 640,
  pythonMiB = 256,
}: SandboxOptions = {}): Sandbox {
  const limits: TaskLimits = { cpuMs, wallMs, residentMiB };
  const children = new Set<ChildProcess>();
  let warm: ChildProcess | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const start = async () => {
    const child = await startChild(pythonMiB);
    children.add(child);
    return child;
  };
  const end = (child: ChildProcess | null) => {
    child?.kill('SIGKILL');
    if (child) children.delete(child);
    if (child === warm) warm = null;
  };

  /** In the one child that stays, so only for what cannot reach out. */
  const runWarm = async (tasks: readonly SandboxTask[]): Promise<TaskOutcome[]> => {
    const outcomes: TaskOutcome[] = [];
    let dead = 0;
    while (outcomes.length < tasks.length) {
      warm ??= await start();
      const child = warm;
      const done = await runTasks(child, tasks.slice(outcomes.length), limits);
      outcomes.push(...done);
      if (outcomes.length < tasks.length || 'stuck' in (done.at(-1) ?? {})) end(child);
      dead = done.length === 0 ? dead + 1 : 0;
      if (dead === MOST_DEAD_CHILDREN) throw diesAlone(dead);
    }
    return outcomes;
  };
  const runApart = async (task: SandboxTask): Promise<TaskOutcome> => {
    const child = await start();
    try {
      return (await runTasks(child, [task], limits))[0] ?? { stuck: 'it ended the sandbox' };
    } finally {
      end(child);
    }
  };

  const runAll = async (programs: readonly Program[]): Promise<ProgramResult[]> => {
    const wanted = await runWarm(
      programs.map(({ calls }) => ({ code: '', expressions: calls.map(({ expected }) => expected) })),
    );
    const tasks = programs.map(({ code, calls }) => ({ code, expressions: calls.map(({ call }) => call) }));
    const tame = tasks.filter(({ code }) => !reachesOut(code));
    const outcomes = new Map<SandboxTask, TaskOutcome>();
    for (const [at, outcome] of (await runWarm(tame)).entries()) outcomes.set(tame[at] as SandboxTask, outcome);
    for (const task of tasks) if (!outcomes.has(task)) outcomes.set(task, await runApart(task));
    return tasks.map((task, at) => compare(task, wanted[at] as TaskOutcome, outcomes.get(task) as TaskOutcome));
  };

  return {
    run(programs) {
      // One batch at a time: answers carry no name, they are told apart by their order.
      const result = turn.then(() => runAll(programs));
      turn = result.catch(() => undefined);
      return result;
    },
    async close() {
      for (const child of children) end(child);
    },
  };
}

function compare({ expressions }: SandboxTask, wanted: TaskOutcome, got: TaskOutcome): ProgramResult {
  if ('stuck' in wanted) return { passed: false, reason: `the expected values are out of reach: ${wanted.stuck}` };
  if ('stuck' in got) return { passed: false, reason: got.stuck };
  for (const [at, call] of expressions.entries()) {
    const [want, have] = [wanted.shown[at] as Shown, got.shown[at] as Shown];
    if ('error' in want) return { passed: false, reason: `${call}: the expected value fails with ${want.error}` };
    if ('error' in have) return { passed: false, reason: `${call}: ${have.error}` };
    if (want.value !== have.value) {
      return {
        passed: false,
        reason: `${call}: wanted ${want.value.slice(0, 80)}, got ${have.value.slice(0, 80)}`,
      };
    }
  }
  return { passed: true, reason: '' };
}

function diesAlone(times: number): CogumiError {
  return new CogumiError(
    'SANDBOX',
    `The Python sandbox ended ${times} times before it ran anything.`,
    'Look whether the machine is out of memory.',
  );
}
