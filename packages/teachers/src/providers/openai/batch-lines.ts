import type { BatchCall, BatchResult } from '../../provider.ts';
import { ProviderError } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { resultFailure } from '../http/reply-failure.ts';
import { chatBody } from './chat-body.ts';
import { readCompletion } from './read-completion.ts';
import type { OpenAiSettings } from './settings.ts';

/** The input file of a batch: one request per line, in UTF-8. */
export function toBatchFile(calls: readonly BatchCall[], settings: OpenAiSettings): string {
  return calls
    .map(({ id, call }) => {
      const body = chatBody(call, settings, false);
      return `${JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body })}\n`;
    })
    .join('');
}

/**
 * Reads a line of the output or error file of a batch: `{custom_id, response: {status_code, request_id, body}, error}`.
 * Requests that were not run have an `error` instead of a response (`batch_expired`, `batch_cancelled`).
 *
 * @returns null when the line is no result.
 */
export function readBatchLine(line: string, endpoint: Endpoint): BatchResult | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const { custom_id: id, response, error } = asRecord(value);
  if (typeof id !== 'string') return null;
  if (error) return { id, outcome: resultFailure(endpoint, null, { error }) };
  const { status_code: status, request_id: requestId, body } = asRecord(response);
  if (typeof status !== 'number') return null;
  if (status >= 400) return { id, outcome: resultFailure(endpoint, status, body) };
  try {
    return { id, outcome: readCompletion(body, '', typeof requestId === 'string' ? requestId : null, endpoint) };
  } catch (failed) {
    if (failed instanceof ProviderError) return { id, outcome: failed };
    throw failed;
  }
}
