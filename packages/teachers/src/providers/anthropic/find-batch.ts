import { setTimeout } from 'node:timers/promises';
import type { BatchHints } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { replyLines } from '../http/reply-lines.ts';
import { openGoodReply } from '../http/request-json.ts';
import { customIdOf } from './batch-lines.ts';
import { hasTag } from './batch-tag.ts';
import { batchUrl, getBatch, listBatches, type MessageBatch, requestsOf } from './message-batch.ts';
import { anthropicHeaders } from './settings.ts';

/** What `findBatch` needs besides the tag. */
interface Finder {
  readonly endpoint: Endpoint;
  /** Milliseconds between two polls of a running batch. */
  readonly pollMs: number;
  /** Known tags by batch id. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Tolerated difference between the clocks of client and server (chosen). */
const SKEW_MS = 10 * 60_000;

/**
 * The id of the batch that was submitted with a tag; null: there is none. The tag is part of the ids of the requests, which
 * Anthropic shows only in the results of an ended batch. So the function waits for every candidate that still runs, up to the
 * 24 hours that a batch may take: submitting its requests again could pay for them twice.
 *
 * @throws ProviderError; the reason of `signal`.
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

/** Whether the first id in the results has the tag. */
async function isTagged(batch: MessageBatch, tag: string, endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  // Results are deleted after 29 days, or by the user.
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
