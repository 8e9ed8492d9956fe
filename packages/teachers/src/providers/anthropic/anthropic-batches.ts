import type { BatchApi, BatchState } from '../../provider.ts';
import { batchResults } from '../http/batch-results.ts';
import { openGoodReply, requestJson } from '../http/request-json.ts';
import { readResultLine } from './batch-lines.ts';
import { toCustomId } from './batch-tag.ts';
import { findBatch } from './find-batch.ts';
import { batchUrl, getBatch, type MessageBatch, parseBatch, requestsOf } from './message-batch.ts';
import { messageBody } from './message-body.ts';
import { type AnthropicSettings, anthropicHeaders } from './settings.ts';

/**
 * Message batches of Anthropic.
 *
 * @param pollMs - Milliseconds between two polls of a batch that `find` waits for.
 * @see https://platform.claude.com/docs/en/build-with-claude/batch-processing
 */
export function anthropicBatches(settings: AnthropicSettings, pollMs: number): BatchApi {
  const { endpoint } = settings;
  const headers = anthropicHeaders(endpoint);
  /** Tags of the batches that this process submitted, by batch id; `find` need not wait for those. */
  const tags = new Map<string, string>();

  return {
    // Limits of the API reference.
    mostRequests: 100_000,
    mostBytes: 256e6,
    async submit(calls, tag, signal) {
      const requests = calls.map(({ id, call }) => ({
        custom_id: toCustomId(tag, id, endpoint),
        params: messageBody(call, settings, false),
      }));
      const request = {
        method: 'POST',
        url: `${endpoint.baseUrl}/messages/batches`,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ requests }),
      } as const;
      const { id } = parseBatch(await requestJson(request, endpoint, signal), endpoint);
      tags.set(id, tag);
      return id;
    },
    find: (tag, signal, hints = {}) => findBatch(tag, hints, { endpoint, pollMs, tags }, signal),
    async state(batch, signal) {
      const found = await getBatch(batch, endpoint, signal);
      return { status: statusOf(found), done: requestsOf(found) - found.request_counts.processing, message: '' };
    },
    async *results(batch, signal) {
      const request = { method: 'GET', url: batchUrl(endpoint, batch, '/results'), headers } as const;
      const reply = await openGoodReply(request, endpoint, signal);
      yield* batchResults(reply, endpoint, new Set(), (line) => readResultLine(line, endpoint));
    },
  };
}

/** Anthropic reports `ended` for every end; the counts of the requests say which one it was. */
function statusOf({ processing_status, request_counts, cancel_initiated_at }: MessageBatch): BatchState['status'] {
  if (processing_status !== 'ended') return 'running';
  if (cancel_initiated_at != null && request_counts.canceled > 0) return 'cancelled';
  return request_counts.expired > 0 ? 'expired' : 'ended';
}
