/** Work for the child: a program, and the expressions to work out in its namespace afterwards. */
export interface SandboxTask {
  readonly code: string;
  readonly expressions: readonly string[];
  /** Whether no other task ever shares the interpreter, so that this one may do in it whatever it likes. */
  readonly alone: boolean;
}

/** What an expression gave: its value in one fixed spelling, or the error that ended it. */
export type Shown = { readonly value: string } | { readonly error: string };

/**
 * What became of a task: all its values; or what made it unfit for an interpreter that others share (it was not run then,
 * or what it gave is not told); or why the child had to be ended over it.
 */
export type TaskOutcome =
  | { readonly shown: readonly Shown[] }
  | { readonly outside: string }
  | { readonly stuck: string };

/** One for each task, in order. */
export type SandboxAnswer = TaskOutcome & {
  /** Whether the child is to be thrown away: nothing behind this task was run in it. */
  readonly last?: boolean;
};

/**
 * An answer as the child sent it, which a program may have had a hand in.
 *
 * @returns null where it is none, or has not as many values as there are expressions.
 */
export function readAnswer(message: unknown, { expressions, alone }: SandboxTask): SandboxAnswer | null {
  const { shown, outside, last } = Object(message) as { shown?: unknown; outside?: unknown; last?: unknown };
  if (!alone && typeof outside === 'string') return { outside, last: last === true };
  if (!Array.isArray(shown) || shown.length !== expressions.length) return null;
  const values = shown.map(readShown).filter((one) => one !== null);
  return values.length === shown.length ? { shown: values, last: last === true } : null;
}

function readShown(message: unknown): Shown | null {
  const { value, error } = Object(message) as { value?: unknown; error?: unknown };
  if (typeof error === 'string') return { error };
  return typeof value === 'string' ? { value } : null;
}
