import { anthropicReplyFormat, readAnthropicQuestion } from './anthropic-messages.ts';
import { type BatchStore, deliveredBy, resultLines, type StoredBatch, type StoredResult } from './batch-store.ts';
import { type Exchange, parseBody, Refusal, sendJson, sendWhole } from './exchange.ts';

/** `/v1/messages/batches` of Anthropic. */
export function anthropicBatchRoutes(store: BatchStore, models: readonly string[], thinking: readonly string[]) {
  const isOwn = ({ id }: StoredBatch) => id.startsWith('msgbatch_');

  function get(id: string): StoredBatch {
    const batch = store.find(id);
    if (!batch) throw new Refusal(404, 'not_found_error', `Message batch ${id} not found.`);
    return batch;
  }
  const show = ({ request }: Exchange, batch: StoredBatch) => {
    const results = batch.results ?? [];
    const count = (type: string) => results.filter((result) => typeOf(result) === type).length;
    const ended = batch.results !== null;
    return {
      id: batch.id,
      type: 'message_batch',
      processing_status: ended ? 'ended' : batch.cancelled ? 'canceling' : 'in_progress',
      request_counts: {
        processing: ended ? 0 : batch.requests.length,
        succeeded: count('succeeded'),
        errored: count('errored'),
        canceled: count('canceled'),
        expired: count('expired'),
      },
      created_at: new Date(batch.createdMs).toISOString(),
      expires_at: new Date(batch.createdMs + 86_400_000).toISOString(),
      ended_at: ended ? new Date().toISOString() : null,
      cancel_initiated_at: batch.cancelled ? new Date().toISOString() : null,
      archived_at: null,
      results_url: ended ? `http://${request.headers.host}/v1/messages/batches/${batch.id}/results` : null,
    };
  };

  return {
    create(exchange: Exchange): Promise<void> {
      const { requests } = parseBody(exchange);
      if (!Array.isArray(requests) || requests.length === 0) {
        throw new Refusal(400, 'invalid_request_error', 'requests: Field required');
      }
      const ids = new Set<string>();
      const stored = requests.map(({ custom_id: customId, params }: Record<string, unknown>) => {
        if (typeof customId !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(customId)) {
          throw new Refusal(400, 'invalid_request_error', "custom_id: String should match '^[a-zA-Z0-9_-]{1,64}$'");
        }
        if (ids.has(customId)) throw new Refusal(400, 'invalid_request_error', `custom_id: ${customId} is not unique`);
        ids.add(customId);
        return { customId, question: readAnthropicQuestion(params, models, thinking) };
      });
      return sendJson(exchange, 200, show(exchange, store.add('msgbatch_', stored)));
    },
    retrieve(exchange: Exchange, id: string): Promise<void> {
      const batch = get(id);
      store.poll(batch);
      return sendJson(exchange, 200, show(exchange, batch));
    },
    list(exchange: Exchange): Promise<void> {
      const limit = Number(exchange.url.searchParams.get('limit') ?? 20);
      const after = exchange.url.searchParams.get('after_id');
      const own = store.batches.filter(isOwn);
      const from = after === null ? 0 : own.findIndex(({ id }) => id === after) + 1;
      const page = own.slice(from, from + limit);
      return sendJson(exchange, 200, {
        data: page.map((batch) => show(exchange, batch)),
        first_id: page[0]?.id ?? null,
        last_id: page.at(-1)?.id ?? null,
        has_more: from + limit < own.length,
      });
    },
    cancel(exchange: Exchange, id: string): Promise<void> {
      const batch = get(id);
      batch.cancelled = true;
      return sendJson(exchange, 200, show(exchange, batch));
    },
    results(exchange: Exchange, id: string): Promise<void> {
      const batch = get(id);
      if (batch.results === null) throw new Refusal(404, 'not_found_error', `${id} has no results yet`);
      exchange.response.on('finish', deliveredBy(batch));
      const lines = resultLines(batch, batch.results, toLine).map((line) => `${line}\n`);
      return sendWhole(exchange, 200, 'application/x-jsonl', lines.join(''));
    },
  };
}

function typeOf({ outcome, answered }: StoredResult): 'succeeded' | 'errored' | 'canceled' | 'expired' {
  if (answered) return 'succeeded';
  if (outcome === 'expired') return 'expired';
  return outcome === 'cancelled' ? 'canceled' : 'errored';
}

function toLine(result: StoredResult): string {
  const { customId, answered, question } = result;
  const type = typeOf(result);
  const message = answered && anthropicReplyFormat(`msg_${customId}`, question).whole(answered, true);
  const error = { type: 'error', error: { type: 'api_error', message: 'Internal server error' } };
  return JSON.stringify({
    custom_id: customId,
    result: { type, ...(message !== null && { message }), ...(type === 'errored' && { error }) },
  });
}
