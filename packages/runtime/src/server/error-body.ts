import { anthropicError } from './anthropic/error-body.ts';
import type { ApiError } from './api-error.ts';

/** An error in the shape that clients of this path read. */
export function errorBody(error: ApiError, path: string, requestId: string): object {
  return path.startsWith('/v1/messages') ? anthropicError(error, requestId) : error.body;
}
