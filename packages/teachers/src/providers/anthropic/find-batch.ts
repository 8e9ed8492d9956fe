import { setTimeout } from 'node:timers/promises';
import type { BatchHints } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { replyLines } from '../http/reply-lines.ts';
import { openGoodReply } from '../http/request-json.ts';
import { customIdOf } from './batch-lines.ts';
import { hasTag } from './batch-tag.ts';
import { batchUrl, getBatch, listBatches, type MessageBatch, requestsOf } from './message-batch.ts';
import { anthropicHeaders } from './settings.ts';

/** With what a batch is looked for. */
interface Finder {
  readonly endpoint: Endpoint;
  /** Between two looks at a running batch. Milliseconds. */
  readonly pollMs: number;
  /** Tags that are known, by the name of the batch. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Clocks differ (chosen). */
const SKEW_MS = 10 * 60_000;

/**
 * The batch that was handed in with a tag. The tag stands in the names of its requests, and Anthropic shows those in the
 * results alone, which are there when a batch has ended. So a batch that may be ours and is still running is waited for,
 * up to the 24 hours that one may take: nothing is lost by it if it is ours, and handing the requests in again before
 * that could pay for them twice.
 *
 * @throws ProviderError; what `signal` carries.
 */
export async function findBatch(
  tag: string,
  { requests, since = 0 }: BatchHints,
  { endpoint, pollMs, tags }: Finder,
  signal: AbortSignal,
): Promise<string | null> {
  const running: MessageBatch[] = [];
  // The newest come first.
  for await (const batch of listBatches(endpoint, signal)) {
    if (Date.parse(batch.created_at) < since - SKEW_MS) break;
    const known = tags.get(batch.id);
    if (known === tag) return batch.id;
    if (known !== undefined) continue;
    if (requests !== undefined && requestsOf(batch) !== requests) continue;
    if (batch.processing_status !== 'ended') running.push(batch);
    else if (await isTagged(batch, tag, endpoint, signal)) return batch.id;
  }
  for (let batch of running) {
    while (batch.processing_status !== 'ended') {
      await setTimeout(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      batch = await getBatch(batch.id, endpoint, signal);
    }
    if (await isTagged(batch, tag, endpoint, signal)) return batch.id;
  }
  return null;
}

/** Looks at the first name in the results. */
async function isTagged(batch: MessageBatch, tag: string, endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  // Deleted after 29 days, or by hand: nothing to read any more.
  if (batch.archived_at != null || batch.results_url == null) return false;
  const request = {
    method: 'GET',
    url: batchUrl(endpoint, batch.id, '/results'),
    headers: anthropicHeaders(endpoint),
  } as const;
  const reply = await openGoodReply(request, endpoint, signal);
  try {
    for await (const line of replyLines(reply.bytes, endpoint)) {
      const customId = customIdOf(line);
      if (customId !== null) return hasTag(customId, tag);
    }
    return false;
  } finally {
    reply.close();
  }
}
