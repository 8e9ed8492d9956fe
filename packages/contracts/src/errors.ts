/**
 * Base class of all Cogumi errors. The message says what happened and where, with the expected and the actual value; `hint`
 * says what to do next. Programs read `code` and the fields of subclasses, never the text.
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

  /** What programs read of it. */
  toJSON(): { code: string; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** Exit codes of the `cogumi` command. */
export const EXIT = {
  done: 0,
  failed: 1,
  gateFailed: 2,
  usage: 3,
  inconclusive: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
