import { cutBelow } from '@cogumi/pure';
import type { FailureKind } from '../../provider.ts';

/** An error in the body of a reply, read from any of the formats in use. Missing parts are empty. */
export interface ErrorBody {
  readonly type: string;
  readonly code: string;
  readonly message: string;
  /** Whether the request was refused for its content (OpenRouter answers 403 then, as for a bad key). */
  readonly flagged: boolean;
}

/**
 * `{error: {message, type, code}}` (OpenAI and most), `{type: 'error', error: {type, message, details}}` (Anthropic),
 * `{error: 'words'}` (Ollama), `{message}`, `{detail}` (vLLM behind FastAPI), or plain text.
 */
export function readErrorBody(text: string): ErrorBody {
  try {
    return toErrorBody(JSON.parse(text));
  } catch {
    return { type: '', code: '', message: text, flagged: false };
  }
}

/** Nesting levels that are kept of a message that is no text (chosen): FastAPI's list of validation errors has three (vLLM). */
const MOST_LEVELS = 4;

export function toErrorBody(value: unknown): ErrorBody {
  const outer = asRecord(value);
  const error = typeof outer.error === 'string' ? { message: outer.error } : asRecord(outer.error ?? outer);
  const message = error.message ?? outer.message ?? outer.detail ?? '';
  return {
    type: asText(error.type),
    code: asText(asRecord(error.details).error_code ?? error.code),
    message: typeof message === 'string' ? message : JSON.stringify(cutBelow(message, MOST_LEVELS)),
    flagged: Array.isArray(asRecord(error.metadata).reasons),
  };
}

/** Codes and types that are more specific than the HTTP status. A map, since a server may send names like `constructor`. */
const WORDS = toMap({
  insufficient_quota: 'no-funds',
  billing_hard_limit_reached: 'no-funds',
  billing_not_active: 'no-funds',
  billing_error: 'no-funds',
  contract_spend_limit_reached: 'no-funds',
  enforced_spend_limit_reached: 'no-funds',
  invalid_api_key: 'unauthorized',
  model_not_found: 'model-not-found',
  model_decommissioned: 'model-not-found',
  batch_expired: 'expired',
  batch_cancelled: 'cancelled',
  request_timeout: 'timeout',
});

/** Types of errors without a status: in a stream, in the results of a batch. */
const TYPES = toMap({
  authentication_error: 'unauthorized',
  permission_error: 'unauthorized',
  not_found_error: 'model-not-found',
  invalid_request_error: 'bad-request',
  invalid_request: 'bad-request',
  request_too_large: 'bad-request',
  rate_limit_error: 'rate-limited',
  rate_limit_exceeded: 'rate-limited',
  overloaded_error: 'overloaded',
  timeout_error: 'timeout',
});

/** The kind of a failure. @param status - HTTP status, or an equivalent code; null: unknown. */
export function kindOf(status: number | null, { code, type, message, flagged }: ErrorBody): FailureKind {
  const said = WORDS.get(code) ?? WORDS.get(type);
  if (said) return said;
  // Anthropic answers 400 for an account without credit, without a code.
  if (/credit balance is too low/i.test(message)) return 'no-funds';
  if (status === null) return TYPES.get(type) ?? TYPES.get(code) ?? 'server-error';
  if (flagged) return 'bad-request';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 402) return 'no-funds';
  if (status === 404) return 'model-not-found';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status === 503 || status === 529) return 'overloaded';
  return status < 500 && status !== 409 ? 'bad-request' : 'server-error';
}

/** The value if it is a JSON object, else an empty object. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function toMap(kinds: Readonly<Record<string, FailureKind>>): ReadonlyMap<string, FailureKind> {
  return new Map(Object.entries(kinds));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
