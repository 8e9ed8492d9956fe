import { z } from 'zod';
import type { ChatReply, Usage } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { failure, isLost } from '../http/failure.ts';
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
 * A streamed completion as a reply. Usage comes in a chunk of its own, without choices; where it stands on another chunk the
 * last one counts. A stream that ends after its `finish_reason` is complete, be it without usage or `[DONE]`. It is read to
 * its very end, so that the connection can be used again.
 *
 * @throws ProviderError `cut-short`, `malformed`, `timeout`; what an error in the middle of the stream means.
 */
export async function readChunks(
  bytes: AsyncIterable<Uint8Array>,
  asked: string,
  requestId: string | null,
  endpoint: Endpoint,
): Promise<ChatReply> {
  let text = '';
  let refused = false;
  let reason: string | null = null;
  let usage: Usage | null = null;
  let model = asked;
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
    // What came before is the whole answer; asking again would be paying twice.
    if (reason === null || !isLost(error)) throw error;
  }
  if (reason === null) {
    throw failure(endpoint, 'cut-short', `the stream ended after ${text.length} letters, before the reply did`, {
      charged: 'unknown',
    });
  }
  const finish = refused ? 'filtered' : openAiFinish(reason);
  if (finish === null) throw streamFailure(endpoint, { message: `finish_reason is ${reason}` });
  return { text, finish, usage, model, requestId: id };
}

function parseChunk(data: string, endpoint: Endpoint): z.infer<typeof Chunk> {
  const value = parseJson(data, endpoint);
  if (asRecord(value).error) throw streamFailure(endpoint, value);
  return parseReply(Chunk, value, endpoint, 'a chunk of the stream is none');
}
