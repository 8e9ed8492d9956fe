import { CogumiError } from '@cogumi/contracts';
import { explainDeath, type Task } from './process/explain-death.ts';

/** The prompt fills the context and leaves no room for an answer. */
export class ContextTooSmallError extends CogumiError {
  readonly promptTokens: number;
  readonly contextTokens: number;

  constructor(promptTokens: number, contextTokens: number) {
    super(
      'CONTEXT_TOO_SMALL',
      `The prompt has ${promptTokens} tokens; the context holds ${contextTokens}, including the answer.`,
      'Shorten the prompt or the conversation, or open the model with more `contextTokens`.',
    );
    this.promptTokens = promptTokens;
    this.contextTokens = contextTokens;
  }
}

/** The model's process ended: because of a bad file, a bug in llama.cpp, or a signal. */
export class ModelDiedError extends CogumiError {
  /** Signal that killed the process; null if it exited. */
  readonly signal: string | null;
  readonly processExitCode: number | null;
  /** Last lines of stderr, such as a failed assertion. */
  readonly lastLines: readonly string[];

  /** The file that it had open. */
  readonly file: string;

  constructor(signal: string | null, processExitCode: number | null, lastLines: readonly string[], task: Task) {
    const how = signal ?? `exit code ${processExitCode}`;
    const { cause, hint } = explainDeath(signal, lastLines, task);
    const why = cause === null ? '' : `, most likely because ${cause}`;
    const last = lastLines.length === 0 ? '' : `: ${lastLines.join(' | ')}`;
    super('MODEL_DIED', `The model's process ended (${how}) while ${task.doing} ${task.file}${why}${last}.`, hint);
    this.file = task.file;
    this.signal = signal;
    this.processExitCode = processExitCode;
    this.lastLines = lastLines;
  }
}

/** An error as it is sent between two processes. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly promptTokens?: number;
  readonly contextTokens?: number;
}

export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof ContextTooSmallError) {
    const { code, message, hint, promptTokens, contextTokens } = error;
    return { code, message, hint, promptTokens, contextTokens };
  }
  if (error instanceof CogumiError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: 'MODEL_FAILED', message: String(error), hint: 'This is a bug in Cogumi.' };
}

export function fromErrorMessage(error: ErrorMessage): CogumiError {
  const { code, message, hint, promptTokens, contextTokens } = error;
  if (promptTokens !== undefined && contextTokens !== undefined) {
    return new ContextTooSmallError(promptTokens, contextTokens);
  }
  return new CogumiError(code, message, hint);
}
