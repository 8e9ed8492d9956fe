import { z } from 'zod';
import type { ChatReply, Usage } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { isLost, streamCutShort } from '../http/failure.ts';
import { parseReply } from '../http/parse-reply.ts';
import { streamFailure } from '../http/reply-failure.ts';
import { parseJson } from '../http/request-json.ts';
import { serverEvents } from '../http/server-events.ts';
import { openAiFinish, openAiUsage } from './usage.ts';

const Chunk = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  usage: z.unknown().optional(),
});

/**
 * Reads a streamed completion. Usage comes in a separate chunk without choices; of several usages the last one counts. A stream
 * that ends after its `finish_reason` is complete, even without usage or `[DONE]`. Reads to the end of the stream, so that the
 * connection can be reused.
 *
 * @throws ProviderError `cut-short`, `malformed`, `timeout`; the failure that an error in the stream describes.
 */
export async function readChunks(
  bytes: AsyncIterable<Uint8Array>,
  requestedModel: string,
  requestId: string | null,
  endpoint: Endpoint,
): Promise<ChatReply> {
  let text = '';
  let refused = false;
  let reason: string | null = null;
  let usage: Usage | null = null;
  let model = requestedModel;
  let id = requestId;
  let done = false;
  try {
    for await (const { data } of serverEvents(bytes, endpoint)) {
      done ||= data.startsWith('[DONE]');
      if (done) continue;
      const chunk = parseChunk(data, endpoint);
      usage = openAiUsage(chunk.usage) ?? usage;
      model = chunk.model || model;
      id ??= chunk.id ?? null;
      for (const { delta, finish_reason } of chunk.choices ?? []) {
        text += delta?.content ?? '';
        refused ||= Boolean(delta?.refusal);
        reason = finish_reason ?? reason;
      }
    }
  } catch (error) {
    // The answer is complete already; a retry would pay for it twice.
    if (reason === null || !isLost(error)) throw error;
  }
  if (reason === null) throw streamCutShort(endpoint, text);
  const finish = refused ? 'filtered' : openAiFinish(reason);
  if (finish === null) throw streamFailure(endpoint, { message: `finish_reason is ${reason}` });
  return { text, finish, usage, model, requestId: id };
}

function parseChunk(data: string, endpoint: Endpoint): z.infer<typeof Chunk> {
  const value = parseJson(data, endpoint);
  if (asRecord(value).error) throw streamFailure(endpoint, value);
  return parseReply(Chunk, value, endpoint, 'the stream contains an invalid chunk');
}
