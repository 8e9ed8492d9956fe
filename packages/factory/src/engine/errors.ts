import { CogumiError } from '@cogumi/contracts';

/** The worker ended in the middle of a job. */
export class EngineCrashedError extends CogumiError {
  constructor(how: string, lastWords: string, logPath: string, jobPath: string) {
    super(
      'ENGINE_CRASHED',
      `The Python worker ended (${how})${lastWords === '' ? '' : `; it last said: ${lastWords}`}. Log: ${logPath}`,
      `Run it alone: PYTHONPATH=engine .venv/bin/python -m cogumi_engine run ${jobPath}`,
    );
  }
}
