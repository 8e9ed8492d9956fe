import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { ExpressionResult, SandboxTask, TaskOutcome } from './messages.ts';
import { runTasks, type TaskLimits } from './run-tasks.ts';
import { startChild } from './start-child.ts';
import { createWarmChild } from './warm-child.ts';

/** A program, with calls and their expected results: both are Python expressions, compared by value and type. */
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
  /** Results in the order of the programs. A program that hangs or exhausts its memory fails without affecting others. */
  run(programs: readonly Program[]): Promise<ProgramResult[]>;
  /** Runs whole programs, such as an answer with its tests behind it: one passes when it ends without an error. */
  runScripts(scripts: readonly string[]): Promise<ProgramResult[]>;
  close(): Promise<void>;
}

/** Isolated interpreters at a time (chosen): one for each core, since a start is computing alone, and 240 MiB each. */
const MOST_ISOLATED = 4;

export interface SandboxOptions extends Partial<TaskLimits> {
  /** Most memory for Python, with the 20 MiB of Python itself; beyond it a program gets a MemoryError. */
  readonly pythonMiB?: number;
}

/**
 * Runs Python in CPython compiled to WebAssembly, in a child process without network, files, subprocesses or access to
 * JavaScript. No code of a program runs in this process, and expected values are never in an interpreter that runs answers.
 *
 * Default limits, all chosen: 2 s of CPU time per program (the procedural tasks' own take under a millisecond), 30 s of
 * wall-clock time, 256 MiB for Python and 640 MiB for the child (190 MiB of that is Pyodide, measured).
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

  const start = async (runs: 'one' | 'many') => {
    const child = await startChild(pythonMiB, runs);
    children.add(child);
    return child;
  };
  const kill = (child: ChildProcess) => {
    child.kill('SIGKILL');
    children.delete(child);
  };
  // Expected values have an interpreter in which no answer ever runs.
  const runExpected = createWarmChild(() => start('many'), kill, limits);
  const runAnswers = createWarmChild(() => start('many'), kill, limits);

  const runIsolated = async (task: SandboxTask): Promise<TaskOutcome> => {
    const child = await start('one');
    try {
      const { outcomes } = await runTasks(child, [{ ...task, isolated: true }], limits);
      return outcomes[0] ?? { stopped: 'it ended the sandbox' };
    } finally {
      kill(child);
    }
  };
  const runAll = async (runTogether: typeof runAnswers, tasks: readonly SandboxTask[]): Promise<TaskOutcome[]> => {
    const outcomes = await runTogether(tasks);
    const left = [...tasks.entries()].filter(([at]) => 'disallowed' in (outcomes[at] as TaskOutcome)).values();
    const work = async () => {
      for (const [at, task] of left) outcomes[at] = await runIsolated(task);
    };
    await Promise.all(Array.from({ length: Math.min(MOST_ISOLATED, availableParallelism()) }, work));
    return outcomes;
  };

  const judgeAll = async (programs: readonly Program[]): Promise<ProgramResult[]> => {
    const expectedTasks = programs.map(({ calls }) =>
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
    const expected = await runAll(runExpected, expectedTasks);
    const actual = await runAll(runAnswers, tasks);
    return tasks.map((task, at) => compare(task, expected[at] as TaskOutcome, actual[at] as TaskOutcome));
  };

  // One batch at a time: answers carry no id and are matched by their order.
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  return {
    run: (programs) => inTurn(() => judgeAll(programs)),
    runScripts: (scripts) =>
      inTurn(async () => {
        const outcomes = await runAll(
          runAnswers,
          scripts.map((code) => toTask(code, [END])),
        );
        return outcomes.map(endOf);
      }),
    async close() {
      for (const child of children) kill(child);
    },
  };
}

/** Evaluated behind a script: it has a value only if the script came to its end. */
const END = 'None';

function endOf(outcome: TaskOutcome): ProgramResult {
  if (!('values' in outcome)) return { passed: false, reason: why(outcome) };
  const [result] = outcome.values;
  return result && 'error' in result ? { passed: false, reason: result.error } : { passed: true, reason: '' };
}

function toTask(code: string, expressions: readonly string[]): SandboxTask {
  return { code, expressions, isolated: false };
}

function compare({ expressions }: SandboxTask, expected: TaskOutcome, actual: TaskOutcome): ProgramResult {
  if (!('values' in expected)) return { passed: false, reason: `the expected values failed: ${why(expected)}` };
  if (!('values' in actual)) return { passed: false, reason: why(actual) };
  for (const [at, call] of expressions.entries()) {
    const [want, have] = [expected.values[at] as ExpressionResult, actual.values[at] as ExpressionResult];
    if ('error' in want) return { passed: false, reason: `${call}: the expected value fails with ${want.error}` };
    if ('error' in have) return { passed: false, reason: `${call}: ${have.error.slice(0, 200)}` };
    if (want.value !== have.value) {
      return {
        passed: false,
        reason: `${call}: expected ${want.value.slice(0, 80)}, got ${have.value.slice(0, 80)}`,
      };
    }
  }
  return { passed: true, reason: '' };
}

function why(outcome: Exclude<TaskOutcome, { values: unknown }>): string {
  return 'stopped' in outcome ? outcome.stopped : outcome.disallowed;
}
