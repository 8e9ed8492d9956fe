/** Work for the child process: a program, and expressions to evaluate in its namespace afterwards. */
export interface SandboxTask {
  readonly code: string;
  readonly expressions: readonly string[];
  /** Whether the task has an interpreter of its own, in which it may do anything. */
  readonly isolated: boolean;
}

/** Message to the child process. */
export interface SandboxWork {
  readonly tasks: readonly SandboxTask[];
  /** Most wall-clock time of a task. */
  readonly wallMs: number;
}

/** Result of an expression: its value as text in a canonical form, or its error. */
export type ExpressionResult = { readonly value: string } | { readonly error: string };

/**
 * Outcome of a task. `values`: results of all its expressions; `disallowed`: the reason why it must not share an interpreter
 * (it was not run, or its results were discarded); `stopped`: the reason why the child process was killed.
 */
export type TaskOutcome =
  | { readonly values: readonly ExpressionResult[] }
  | { readonly disallowed: string }
  | { readonly stopped: string };

/** Message of the child for each task, in order. */
export type SandboxAnswer = TaskOutcome & {
  /** Whether the child must be replaced; it runs no task after this one. */
  readonly last?: boolean;
};

/**
 * Validates a message of the child, which a program may have manipulated.
 *
 * @returns null when it is no answer, or has not one result per expression.
 */
export function readAnswer(message: unknown, { expressions, isolated }: SandboxTask): SandboxAnswer | null {
  const {
    values: found,
    disallowed,
    last,
  } = Object(message) as { values?: unknown; disallowed?: unknown; last?: unknown };
  if (!isolated && typeof disallowed === 'string') return { disallowed, last: last === true };
  if (!Array.isArray(found) || found.length !== expressions.length) return null;
  const values = found.map(readResult).filter((one) => one !== null);
  return values.length === found.length ? { values, last: last === true } : null;
}

function readResult(message: unknown): ExpressionResult | null {
  const { value, error } = Object(message) as { value?: unknown; error?: unknown };
  if (typeof error === 'string') return { error };
  return typeof value === 'string' ? { value } : null;
}
