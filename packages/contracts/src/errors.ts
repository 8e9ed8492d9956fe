/**
 * The one error shape of Cogumi. A message says what happened with both values (wanted, got) and where; `hint` says what
 * to type next. Programs read `code` and the fields of subclasses, never the text.
 */
export class CogumiError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, hint: string, options: { cause?: unknown; exitCode?: ExitCode } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CogumiError';
    this.code = code;
    this.hint = hint;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** What the `cogumi` command answers to a shell. */
export const EXIT = {
  done: 0,
  failed: 1,
  gateFailed: 2,
  usage: 3,
  inconclusive: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
