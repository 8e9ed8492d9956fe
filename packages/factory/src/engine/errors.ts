import { CogumiError } from '@cogumi/contracts';

/** The worker process ended while a job ran. The job file stays, so that the job can be run again by itself. */
export class EngineCrashedError extends CogumiError {
  /** `exit code 3`, `SIGKILL`. */
  readonly how: string;
  readonly logPath: string;
  /** The shell command that runs the job by itself. */
  readonly rerun: string;

  constructor(how: string, logTail: string, logPath: string, rerun: string) {
    const memory = how === 'SIGKILL' ? ' The system sends SIGKILL when memory runs out.' : '';
    const tail = logTail === '' ? '' : ` Last lines of the log:\n${logTail}`;
    super(
      'ENGINE_CRASHED',
      `The Python worker ended (${how}).${memory} Log: ${logPath}.${tail}`,
      `Run the job by itself: ${rerun}`,
    );
    this.how = how;
    this.logPath = logPath;
    this.rerun = rerun;
  }
}
