import type { ApiError, ApiStatus } from '../api-error.ts';

const TYPES: Partial<Record<ApiStatus, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

/** An error in Anthropic's shape. */
export function anthropicError({ status, message }: ApiError, requestId: string) {
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message }, request_id: requestId };
}
