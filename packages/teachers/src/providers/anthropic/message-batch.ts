import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.ts';
import { parseReply } from '../http/parse-reply.ts';
import { requestJson } from '../http/request-json.ts';
import { anthropicHeaders } from './settings.ts';

export const MessageBatch = z.object({
  id: z.string(),
  processing_status: z.string(),
  request_counts: z.object({
    processing: z.int(),
    succeeded: z.int(),
    errored: z.int(),
    canceled: z.int(),
    expired: z.int(),
  }),
  created_at: z.string(),
  archived_at: z.string().nullish(),
  cancel_initiated_at: z.string().nullish(),
  results_url: z.string().nullish(),
});
export type MessageBatch = z.infer<typeof MessageBatch>;

const Page = z.object({
  data: z.array(MessageBatch),
  has_more: z.boolean().default(false),
  last_id: z.string().nullish(),
});

/**
 * The URL of a batch or of its results. The batch's own `results_url` is not used: it names Anthropic's host, and with a proxy
 * as base URL the key must not go there.
 */
export function batchUrl({ baseUrl }: Endpoint, batch: string, part: '' | '/results' = ''): string {
  return `${baseUrl}/messages/batches/${encodeURIComponent(batch)}${part}`;
}

export async function getBatch(batch: string, endpoint: Endpoint, signal: AbortSignal): Promise<MessageBatch> {
  const request = { method: 'GET', url: batchUrl(endpoint, batch), headers: anthropicHeaders(endpoint) } as const;
  return parse(MessageBatch, await requestJson(request, endpoint, signal), endpoint);
}

/** All batches of the account, newest first. */
export async function* listBatches(endpoint: Endpoint, signal: AbortSignal): AsyncGenerator<MessageBatch> {
  let after = '';
  while (true) {
    const url = `${endpoint.baseUrl}/messages/batches?limit=100${after && `&after_id=${encodeURIComponent(after)}`}`;
    const reply = await requestJson({ method: 'GET', url, headers: anthropicHeaders(endpoint) }, endpoint, signal);
    const page = parse(Page, reply, endpoint);
    yield* page.data;
    if (!page.has_more || !page.last_id || page.last_id === after) return;
    after = page.last_id;
  }
}

/** The state of a batch. @throws ProviderError `malformed`. */
export function parseBatch(value: unknown, endpoint: Endpoint): MessageBatch {
  return parse(MessageBatch, value, endpoint);
}

/** Number of requests of a batch, in any state. */
export function requestsOf({ request_counts: counts }: MessageBatch): number {
  return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, endpoint: Endpoint): T {
  return parseReply(schema, value, endpoint, 'the reply is no state of a batch', 'nothing');
}
