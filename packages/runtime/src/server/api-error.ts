import { CogumiError } from '@cogumi/contracts';
import { ModelDiedError } from '@cogumi/llama';
import { ModelUnavailableError } from '../models/model-keeper.ts';
import { ContextLengthError } from '../prompt-tokens.ts';

export type ApiStatus = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503;

/** An answer that is an error, in the shape that OpenAI's clients turn into typed errors by its status. */
export class ApiError extends Error {
  readonly status: ApiStatus;
  readonly code: string;
  /** The request field at fault. */
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ApiStatus,
    code: string,
    message: string,
    {
      param = null,
      headers = {},
      cause,
    }: { param?: string | null; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.param = param;
    this.headers = headers;
  }

  get body() {
    // `requests` is what OpenAI calls the limit that was hit; its clients go by the status.
    const limit = this.status === 429 ? 'requests' : 'invalid_request_error';
    const type = this.status >= 500 ? 'server_error' : limit;
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}

/** What a client is told about a failure. Messages of unknown errors stay inside: they may hold paths. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ContextLengthError) {
    return new ApiError(400, 'context_length_exceeded', error.message, { param: 'messages', cause: error });
  }
  if (error instanceof ModelUnavailableError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return new ApiError(503, 'model_unavailable', error.message, { headers, cause: error });
  }
  if (error instanceof ModelDiedError) {
    const message = "The model's process ended while it answered; it is being started again.";
    return new ApiError(503, 'model_unavailable', message, { headers: { 'retry-after': '1' }, cause: error });
  }
  if (error instanceof CogumiError && error.code === 'CHAT_TEMPLATE') {
    return new ApiError(400, 'invalid_messages', error.message, { param: 'messages', cause: error });
  }
  return new ApiError(500, 'internal_error', 'The server failed to answer; its log says more.', { cause: error });
}
