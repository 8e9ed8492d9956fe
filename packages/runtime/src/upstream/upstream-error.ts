import { CogumiError } from '@cogumi/contracts';

/** The servers that answer cannot do so now. */
export class UpstreamError extends CogumiError {
  readonly retryAfterSeconds: number;

  constructor(message: string, { retryAfterSeconds = 1, cause }: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super('UPSTREAM', message, 'Check the servers that --upstream names.', { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What a server behind this one cannot be asked. Clients get a 400. */
export function unsupported(what: string): CogumiError {
  return new CogumiError(
    'UPSTREAM_UNSUPPORTED',
    `${what} cannot be asked of a server behind this one.`,
    'Leave it out, or serve without --upstream.',
  );
}
