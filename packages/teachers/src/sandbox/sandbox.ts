import type { ChildProcess } from 'node:child_process';
import type { SandboxTask, Shown, TaskOutcome } from './messages.ts';
import { runTasks, type TaskLimits } from './run-tasks.ts';
import { startChild } from './start-child.ts';
import { createWarmChild } from './warm-child.ts';

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
  let turn: Promise<unknown> = Promise.resolve();

  const start = async () => {
    const child = await startChild(pythonMiB);
    children.add(child);
    return child;
  };
  const kill = (child: ChildProcess) => {
    child.kill('SIGKILL');
    children.delete(child);
  };
  // What is expected is worked out where no answer ever runs.
  const runExpected = createWarmChild(start, kill, limits);
  const runAnswers = createWarmChild(start, kill, limits);

  const runAlone = async (task: SandboxTask): Promise<TaskOutcome> => {
    const child = await start();
    try {
      const { outcomes } = await runTasks(child, [{ ...task, alone: true }], limits);
      return outcomes[0] ?? { stuck: 'it ended the sandbox' };
    } finally {
      kill(child);
    }
  };
  const runAll = async (runTogether: typeof runAnswers, tasks: readonly SandboxTask[]): Promise<TaskOutcome[]> => {
    const outcomes = await runTogether(tasks);
    for (const [at, task] of tasks.entries()) {
      if ('outside' in (outcomes[at] as TaskOutcome)) outcomes[at] = await runAlone(task);
    }
    return outcomes;
  };

  const judgeAll = async (programs: readonly Program[]): Promise<ProgramResult[]> => {
    const wanted = programs.map(({ calls }) =>
      toTask(
        '',
        calls.map(({ expected }) => expected),
      ),
    );
    const tasks = programs.map(({ code, calls }) =>
      toTask(
        code,
        calls.map(({ call }) => call),
      ),
    );
    const wants = await runAll(runExpected, wanted);
    const haves = await runAll(runAnswers, tasks);
    return tasks.map((task, at) => compare(task, wants[at] as TaskOutcome, haves[at] as TaskOutcome));
  };

  return {
    run(programs) {
      // One batch at a time: answers carry no name, they are told apart by their order.
      const result = turn.then(() => judgeAll(programs));
      turn = result.catch(() => undefined);
      return result;
    },
    async close() {
      for (const child of children) kill(child);
    },
  };
}

function toTask(code: string, expressions: readonly string[]): SandboxTask {
  return { code, expressions, alone: false };
}

function compare({ expressions }: SandboxTask, wanted: TaskOutcome, got: TaskOutcome): ProgramResult {
  if (!('shown' in wanted)) return { passed: false, reason: `the expected values are out of reach: ${why(wanted)}` };
  if (!('shown' in got)) return { passed: false, reason: why(got) };
  for (const [at, call] of expressions.entries()) {
    const [want, have] = [wanted.shown[at] as Shown, got.shown[at] as Shown];
    if ('error' in want) return { passed: false, reason: `${call}: the expected value fails with ${want.error}` };
    if ('error' in have) return { passed: false, reason: `${call}: ${have.error.slice(0, 200)}` };
    if (want.value !== have.value) {
      return {
        passed: false,
        reason: `${call}: wanted ${want.value.slice(0, 80)}, got ${have.value.slice(0, 80)}`,
      };
    }
  }
  return { passed: true, reason: '' };
}

function why(outcome: Exclude<TaskOutcome, { shown: unknown }>): string {
  return 'stuck' in outcome ? outcome.stuck : outcome.outside;
}
