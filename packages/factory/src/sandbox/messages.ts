/** Work for the child: a program, and the expressions to work out in its namespace afterwards. */
export interface SandboxTask {
  readonly code: string;
  readonly expressions: readonly string[];
}

/** What an expression gave: its value in one fixed spelling, or the error that ended it. */
export type Shown = { readonly value: string } | { readonly error: string };

/** One for each task, in order; `shown` is absent in the first message, which says that Python is ready. */
export interface SandboxAnswer {
  readonly shown?: readonly Shown[];
}

/** What became of a task: all its values, or why the child had to be ended over it. */
export type TaskOutcome = { readonly shown: readonly Shown[] } | { readonly stuck: string };
