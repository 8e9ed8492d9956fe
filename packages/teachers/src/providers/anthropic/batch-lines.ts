import { type BatchResult, ProviderError } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { failure } from '../http/failure.ts';
import { resultFailure } from '../http/reply-failure.ts';
import { fromCustomId } from './batch-tag.ts';
import { readMessage } from './read-message.ts';

/**
 * Reads a line of the results: `{custom_id, result: {type: 'succeeded' | 'errored' | 'canceled' | 'expired', message, error}}`.
 * Anthropic charges only requests that succeeded.
 *
 * @returns null when the line is no result.
 */
export function readResultLine(line: string, endpoint: Endpoint): BatchResult | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const { custom_id: customId, result } = asRecord(value);
  if (typeof customId !== 'string') return null;
  const id = fromCustomId(customId);
  const { type, message, error } = asRecord(result);
  if (type === 'expired')
    return { id, outcome: failure(endpoint, 'expired', 'a request of a batch was not run in time') };
  if (type === 'canceled') return { id, outcome: failure(endpoint, 'cancelled', 'a request of a batch was cancelled') };
  if (type === 'errored') return { id, outcome: resultFailure(endpoint, null, error) };
  if (type !== 'succeeded') return null;
  try {
    return { id, outcome: readMessage(message, '', null, endpoint) };
  } catch (failed) {
    if (failed instanceof ProviderError) return { id, outcome: failed };
    throw failed;
  }
}

/** The `custom_id` of a line, if it has one. */
export function customIdOf(line: string): string | null {
  try {
    const id = asRecord(JSON.parse(line)).custom_id;
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
