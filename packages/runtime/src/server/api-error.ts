import { CogumiError } from '@cogumi/contracts';
import { ModelDiedError } from '@cogumi/llama';
import { ModelUnavailableError } from '../models/model-supervisor.ts';
import { ContextLengthError } from '../prompt-tokens.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';

export type ApiStatus = 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 417 | 429 | 431 | 499 | 500 | 503;

/** An error reply in OpenAI's shape; its clients choose the type of the error by the status. */
export class ApiError extends Error {
  readonly status: ApiStatus;
  readonly code: string;
  /** The request field at fault. */
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly #type: string | null;

  /** @param options - `type`: OpenAI's word for the kind of error; default: by the status. */
  constructor(
    status: ApiStatus,
    code: string,
    message: string,
    {
      param = null,
      headers = {},
      type = null,
      cause,
    }: { param?: string | null; headers?: Record<string, string>; type?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.param = param;
    this.headers = headers;
    this.#type = type;
  }

  get body() {
    // OpenAI's type for a rate limit on requests; its clients only look at the status.
    const limit = this.status === 429 ? 'requests' : 'invalid_request_error';
    const type = this.#type ?? (this.status >= 500 ? 'server_error' : limit);
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}

/** The client hung up. Nobody reads the reply; the status (nginx's convention) keeps it out of the server's own failures. */
export function clientClosed(cause?: unknown): ApiError {
  return new ApiError(499, 'client_closed_request', 'The client closed the connection.', { cause });
}

/**
 * The error that a client sees.
 *
 * @param promptField - The field of the body that holds the prompt.
 *
 * Messages of unknown errors are not shown, because they may contain paths.
 */
export function toApiError(error: unknown, promptField = 'messages'): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ContextLengthError) {
    return new ApiError(400, 'context_length_exceeded', error.message, { param: promptField, cause: error });
  }
  if (error instanceof ModelUnavailableError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return new ApiError(503, 'model_unavailable', error.message, { headers, cause: error });
  }
  if (error instanceof ModelDiedError) {
    const message = "The model's process ended during the answer. It is restarted; send the request again.";
    return new ApiError(503, 'model_unavailable', message, { headers: { 'retry-after': '1' }, cause: error });
  }
  if (error instanceof UpstreamError) {
    // Its message has addresses of servers, which are for the log.
    const message = 'The servers that answer cannot do so now. Send the request again.';
    const headers = { 'retry-after': String(error.retryAfterSeconds) };
    return new ApiError(503, 'model_unavailable', message, { headers, cause: error });
  }
  if (error instanceof CogumiError && error.code === 'UPSTREAM_UNSUPPORTED') {
    return new ApiError(400, 'unsupported_parameter', error.message, { cause: error });
  }
  if (error instanceof CogumiError && error.code === 'CHAT_TEMPLATE') {
    return new ApiError(400, 'invalid_messages', error.message, { param: 'messages', cause: error });
  }
  if (error instanceof CogumiError && (error.code === 'PROMPT_EMPTY' || error.code === 'TOKEN_UNKNOWN')) {
    return new ApiError(400, 'invalid_value', error.message, { param: promptField, cause: error });
  }
  if (error instanceof CogumiError && error.code === 'TOOL_TEXT') {
    return new ApiError(400, 'invalid_value', error.message, { param: 'tools', cause: error });
  }
  if (error instanceof CogumiError && error.code === 'LOGIT_BIAS') {
    return new ApiError(400, 'invalid_value', error.message, { param: 'logit_bias', cause: error });
  }
  return new ApiError(500, 'internal_error', 'The server failed to answer; see its log.', { cause: error });
}
