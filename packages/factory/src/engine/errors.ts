import { CogumiError } from '@cogumi/contracts';

/** The worker ended in the middle of a job; its file is left, so that the job can be run alone. */
export class EngineCrashedError extends CogumiError {
  /** `exit code 3`, `SIGKILL`. */
  readonly how: string;
  readonly logPath: string;
  /** What to type to run the job alone. */
  readonly rerun: string;

  constructor(how: string, lastWords: string, logPath: string, rerun: string) {
    const memory = how === 'SIGKILL' ? ' The system kills so when memory runs out.' : '';
    const said = lastWords === '' ? '' : ` It last said:\n${lastWords}`;
    super(
      'ENGINE_CRASHED',
      `The Python worker ended (${how}).${memory} Log: ${logPath}.${said}`,
      `Run it alone: ${rerun}`,
    );
    this.how = how;
    this.logPath = logPath;
    this.rerun = rerun;
  }
}
