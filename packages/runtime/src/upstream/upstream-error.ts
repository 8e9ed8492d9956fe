import { CogumiError } from '@cogumi/contracts';

/** The servers that answer cannot do so now. */
export class UpstreamError extends CogumiError {
  readonly retryAfterSeconds: number;

  constructor(message: string, { retryAfterSeconds = 1, cause }: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super('UPSTREAM', message, 'Check the servers that --upstream names.', { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
