import { ApiError } from './api-error.ts';

/** Seconds after which a refused client may try again (chosen: about what a short answer takes). */
const RETRY_AFTER_SECONDS = 2;

/**
 * Limits the requests that are answered or waiting. `acquire` returns a function that releases the request's place.
 *
 * @throws ApiError 429 from `acquire` if `max` places are taken.
 */
export function limitRequests(max: number): { acquire(): () => void } {
  let active = 0;
  return {
    acquire: () => {
      if (active >= max) {
        const message = `The server is at its limit of ${max} requests that are answered or waiting. Send the request again later.`;
        const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
        throw new ApiError(429, 'rate_limit_exceeded', message, { headers });
      }
      active++;
      return () => {
        active--;
      };
    },
  };
}
