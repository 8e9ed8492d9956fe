import {
  type BatchStore,
  deliveredBy,
  resultLines,
  type StoredBatch,
  type StoredRequest,
  type StoredResult,
} from './batch-store.ts';
import { type Exchange, parseBody, Refusal, sendJson } from './exchange.ts';
import { openAiReplyFormat, readOpenAiQuestion } from './openai-chat.ts';
import type { FileStore } from './openai-file-routes.ts';

/** `/v1/batches` of OpenAI. */
export function openAiBatchRoutes(
  store: BatchStore,
  files: FileStore,
  models: readonly string[],
  thinking: readonly string[],
) {
  const outputs = new Map<string, { output?: string; error?: string }>();

  function get(id: string): StoredBatch {
    const batch = store.find(id);
    if (!batch) throw new Refusal(404, 'invalid_request_error', `No batch found with id '${id}'.`);
    return batch;
  }
  /** Result files appear at the end of a batch, unless they are empty. */
  function outputsOf(batch: StoredBatch): { output?: string; error?: string } {
    const known = outputs.get(batch.id);
    if (known || batch.results === null) return known ?? {};
    const write = (name: string, rows: readonly StoredResult[]) =>
      rows.length === 0
        ? {}
        : {
            [name]: files.add(
              `${batch.id}_${name}.jsonl`,
              'batch_output',
              () => toText(batch, rows),
              deliveredBy(batch),
            ).id,
          };
    const written = {
      ...write(
        'output',
        batch.results.filter(({ answered }) => answered !== null),
      ),
      ...write(
        'error',
        batch.results.filter(({ answered }) => answered === null),
      ),
    };
    outputs.set(batch.id, written);
    return written;
  }
  const show = (batch: StoredBatch) => {
    const { output, error } = outputsOf(batch);
    const results = batch.results ?? [];
    const completed = results.filter(({ answered }) => answered !== null).length;
    return {
      id: batch.id,
      object: 'batch',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      ...batch.extra,
      status: statusOf(batch),
      output_file_id: output ?? null,
      error_file_id: error ?? null,
      created_at: Math.floor(batch.createdMs / 1000),
      request_counts: { total: batch.requests.length, completed, failed: results.length - completed },
      errors: batch.plan.invalid
        ? { object: 'list', data: [{ code: 'invalid_json_line', message: batch.plan.invalid, line: 1, param: null }] }
        : null,
    };
  };

  return {
    create(exchange: Exchange): Promise<void> {
      const { input_file_id, endpoint, completion_window, metadata } = parseBody(exchange);
      if (endpoint !== '/v1/chat/completions' || completion_window !== '24h' || typeof input_file_id !== 'string') {
        throw new Refusal(400, 'invalid_request_error', 'Invalid endpoint, completion_window or input_file_id');
      }
      const requests = parseInput(files.get(input_file_id).text(), models, thinking);
      return sendJson(
        exchange,
        200,
        show(store.add('batch_', requests, { input_file_id, metadata: metadata ?? null })),
      );
    },
    retrieve(exchange: Exchange, id: string): Promise<void> {
      const batch = get(id);
      store.poll(batch);
      return sendJson(exchange, 200, show(batch));
    },
    list(exchange: Exchange): Promise<void> {
      const limit = Number(exchange.url.searchParams.get('limit') ?? 20);
      const after = exchange.url.searchParams.get('after');
      const own = store.batches.filter(({ id }) => id.startsWith('batch_'));
      const from = after === null ? 0 : own.findIndex(({ id }) => id === after) + 1;
      const page = own.slice(from, from + limit);
      return sendJson(exchange, 200, {
        object: 'list',
        data: page.map(show),
        first_id: page[0]?.id ?? null,
        last_id: page.at(-1)?.id ?? null,
        has_more: from + limit < own.length,
      });
    },
    cancel(exchange: Exchange, id: string): Promise<void> {
      const batch = get(id);
      batch.cancelled = true;
      const shown = { ...show(batch), status: 'cancelling' };
      store.poll(batch);
      return sendJson(exchange, 200, shown);
    },
  };
}

function statusOf({ plan, results, cancelled }: StoredBatch): string {
  if (plan.invalid !== undefined) return 'failed';
  if (results === null) return 'in_progress';
  if (cancelled) return 'cancelled';
  return results.some(({ outcome }) => outcome === 'expired') ? 'expired' : 'completed';
}

function parseInput(text: string, models: readonly string[], thinking: readonly string[]): StoredRequest[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { custom_id, method, url, body } = JSON.parse(line) as Record<string, unknown>;
      if (typeof custom_id !== 'string' || method !== 'POST' || url !== '/v1/chat/completions') {
        throw new Refusal(400, 'invalid_request_error', 'A line of the input file is no request');
      }
      return { customId: custom_id, question: readOpenAiQuestion(body, models, thinking) };
    });
}

function toText(batch: StoredBatch, results: readonly StoredResult[]): string {
  return resultLines(batch, results, ({ customId, outcome, answered, question }) => {
    const row = { id: `batch_req_${customId}`, custom_id: customId };
    const request_id = `req_${customId}`;
    if (answered) {
      const format = openAiReplyFormat(`chatcmpl-${customId}`, { ...question, stream: false, includeUsage: false });
      return JSON.stringify({
        ...row,
        response: { status_code: 200, request_id, body: format.whole(answered, true) },
        error: null,
      });
    }
    if (outcome === 'error') {
      const error = { message: 'The server had an error.', type: 'server_error', param: null, code: null };
      return JSON.stringify({ ...row, response: { status_code: 500, request_id, body: { error } }, error: null });
    }
    const code = outcome === 'expired' ? 'batch_expired' : 'batch_cancelled';
    return JSON.stringify({ ...row, response: null, error: { code, message: 'This request was not executed.' } });
  })
    .map((line) => `${line}\n`)
    .join('');
}
