export interface ProgramResult {
  readonly passed: boolean;
  /** Empty when it passed. */
  readonly reason: string;
}

export interface SandboxAnswer {
  /** Absent in the first message, which says that Python is ready. */
  readonly result?: ProgramResult;
}
