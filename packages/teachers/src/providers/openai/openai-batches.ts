import { z } from 'zod';
import type { BatchApi, BatchState } from '../../provider.ts';
import { batchResults } from '../http/batch-results.ts';
import { parseReply } from '../http/parse-reply.ts';
import { openGoodReply, requestJson } from '../http/request-json.ts';
import { readBatchLine, toBatchFile } from './batch-lines.ts';
import { type OpenAiSettings, openAiHeaders } from './settings.ts';

/** Metadata key of our tag; values may have up to 512 characters. */
const TAG = 'cogumi_tag';

const Batch = z.object({
  id: z.string(),
  status: z.string(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  request_counts: z.object({ completed: z.int(), failed: z.int() }).nullish(),
  errors: z.object({ data: z.array(z.object({ message: z.string().nullish() })).nullish() }).nullish(),
});
type Batch = z.infer<typeof Batch>;
const Page = z.object({ data: z.array(Batch), has_more: z.boolean().default(false) });

/** Final statuses. Every other one (`validating`, `in_progress`, `finalizing`, `cancelling`) is still running. */
const FINAL: ReadonlyMap<string, BatchState['status']> = new Map([
  ['completed', 'ended'],
  ['failed', 'failed'],
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
]);

/**
 * Batches of OpenAI: the client uploads a file of requests and creates a batch from it; the results are two files.
 *
 * @see https://platform.openai.com/docs/api-reference/batch
 */
export function openAiBatches(settings: OpenAiSettings): BatchApi {
  const { endpoint } = settings;
  const headers = openAiHeaders(endpoint);
  const json = { ...headers, 'content-type': 'application/json' };
  const at = (path: string) => `${endpoint.baseUrl}${path}`;

  function parse<T>(schema: z.ZodType<T>, value: unknown): T {
    return parseReply(schema, value, endpoint, 'the reply is no state of a batch', 'nothing');
  }
  async function get(batch: string, signal: AbortSignal): Promise<Batch> {
    const url = at(`/batches/${encodeURIComponent(batch)}`);
    return parse(Batch, await requestJson({ method: 'GET', url, headers }, endpoint, signal));
  }

  return {
    // Limits of the API reference.
    mostRequests: 50_000,
    mostBytes: 200e6,
    async submit(calls, tag, signal) {
      const form = new FormData();
      form.set('purpose', 'batch');
      form.set('file', new Blob([toBatchFile(calls, settings)], { type: 'application/jsonl' }), `${tag}.jsonl`);
      // A `Response` encodes a form as bytes.
      const encoded = new Response(form);
      const type = { 'content-type': encoded.headers.get('content-type') as string };
      const body = new Uint8Array(await encoded.arrayBuffer());
      const upload = { method: 'POST', url: at('/files'), headers: { ...headers, ...type }, body } as const;
      const file = parse(z.object({ id: z.string() }), await requestJson(upload, endpoint, signal));
      const order = JSON.stringify({
        input_file_id: file.id,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
        metadata: { [TAG]: tag },
      });
      const create = { method: 'POST', url: at('/batches'), headers: json, body: order } as const;
      return parse(Batch, await requestJson(create, endpoint, signal)).id;
    },
    async find(tag, signal) {
      let after = '';
      while (true) {
        const url = at(`/batches?limit=100${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`);
        const page = parse(Page, await requestJson({ method: 'GET', url, headers }, endpoint, signal));
        const found = page.data.find(({ metadata }) => metadata?.[TAG] === tag);
        if (found) return found.id;
        const last = page.data.at(-1);
        if (!page.has_more || last === undefined || last.id === after) return null;
        after = last.id;
      }
    },
    async state(batch, signal) {
      const { status, request_counts: counts, errors } = await get(batch, signal);
      return {
        status: FINAL.get(status) ?? 'running',
        done: (counts?.completed ?? 0) + (counts?.failed ?? 0),
        message: (errors?.data ?? []).map(({ message }) => message ?? '').join(' '),
      };
    },
    async *results(batch, signal) {
      const { output_file_id, error_file_id } = await get(batch, signal);
      const seen = new Set<string>();
      for (const file of [output_file_id, error_file_id]) {
        if (!file) continue;
        const url = at(`/files/${encodeURIComponent(file)}/content`);
        const reply = await openGoodReply({ method: 'GET', url, headers }, endpoint, signal);
        yield* batchResults(reply, endpoint, seen, (line) => readBatchLine(line, endpoint));
      }
    },
  };
}
