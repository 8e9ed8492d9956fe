import { ApiError } from './api-error.ts';

/** Seconds after which a refused client may try again (chosen: about what a short answer takes). */
const RETRY_AFTER_SECONDS = 2;

/** Limits the answers that are made or waited for. */
export interface RequestLimit {
  /**
   * Takes places for the answers of a request, one each; a request with more answers than there are places takes all.
   *
   * @returns A function that releases them.
   * @throws ApiError 429 if too few are free.
   */
  acquire(answers?: number): () => void;
}

export function limitRequests(max: number): RequestLimit {
  let active = 0;
  return {
    acquire: (answers = 1) => {
      const places = Math.min(answers, max);
      if (active + places > max) {
        const message = `The server is at its limit of ${max} requests that are answered or waiting. Send the request again later.`;
        const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
        throw new ApiError(429, 'rate_limit_exceeded', message, { headers });
      }
      active += places;
      return () => {
        active -= places;
      };
    },
  };
}
