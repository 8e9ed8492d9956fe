import type { CogumiError, EngineEvent } from '@cogumi/contracts';

export type Ready = Extract<EngineEvent, { event: 'ready' }>;

/** What runs jobs, one at a time: a process of this machine, or a Ray cluster. */
export interface Worker {
  readonly ready: Ready;
  /**
   * Resolves when it is gone, nothing writes to the output folder any more and its last event was delivered: with `exit code 3`,
   * `SIGKILL`, or with an error that says more.
   */
  readonly ended: Promise<string | CogumiError>;
  listen(onEvent: (event: EngineEvent) => void): void;
  /** @param processes - How many share the job; only some jobs can be shared. */
  start(jobPath: string, processes: number): void;
  kill(): void;
  /** Last lines that it wrote to stderr. */
  logTail(): string;
}
