import { ApiError } from './api-error.ts';

/** Seconds after which a refused client may try again (chosen: about what a short answer takes). */
const RETRY_AFTER_SECONDS = 2;

/**
 * Counts the requests that are answered or wait for it. `enter` gives what has to be called once they have left.
 */
export function limitRequests(most: number): { enter(): () => void } {
  let inside = 0;
  return {
    enter: () => {
      if (inside >= most) {
        const message = `${most} requests are being answered or wait already, the most this server takes. Send it again later.`;
        const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
        throw new ApiError(429, 'rate_limit_exceeded', message, { headers });
      }
      inside++;
      return () => {
        inside--;
      };
    },
  };
}
