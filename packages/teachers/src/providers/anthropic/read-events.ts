import type { ChatReply, Usage } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { isLost, streamCutShort } from '../http/failure.ts';
import { streamFailure } from '../http/reply-failure.ts';
import { parseJson } from '../http/request-json.ts';
import { serverEvents } from '../http/server-events.ts';
import { anthropicFinish, anthropicUsage } from './usage.ts';

/**
 * Reads a streamed message: `message_start` (model, input tokens), `content_block_delta` (text), `message_delta` (stop reason,
 * all tokens so far). Ignores other events, such as `ping`. Reads to the end of the stream, so that the connection can be reused.
 *
 * @throws ProviderError `cut-short`, `malformed`, `timeout`; the failure that an `error` event describes.
 */
export async function readEvents(
  bytes: AsyncIterable<Uint8Array>,
  asked: string,
  requestId: string | null,
  endpoint: Endpoint,
): Promise<ChatReply> {
  let text = '';
  let reason: string | null = null;
  let usage: Usage | null = null;
  let model = asked;
  try {
    for await (const { data } of serverEvents(bytes, endpoint)) {
      const event = asRecord(parseJson(data, endpoint));
      const { type } = event;
      if (type === 'error') throw streamFailure(endpoint, event);
      if (type === 'message_start') {
        const message = asRecord(event.message);
        if (typeof message.model === 'string') model = message.model;
        usage = anthropicUsage(message.usage);
      }
      if (type === 'content_block_delta') {
        const delta = asRecord(event.delta);
        if (delta.type === 'text_delta' && typeof delta.text === 'string') text += delta.text;
      }
      if (type === 'message_delta') {
        const stop = asRecord(event.delta).stop_reason;
        if (typeof stop === 'string') reason = stop;
        // The output count at the start of a message is not final.
        usage = 'usage' in event ? anthropicUsage(event.usage, usage) : null;
      }
    }
  } catch (error) {
    // The answer is complete already; a retry would pay for it twice.
    if (reason === null || !isLost(error)) throw error;
  }
  if (reason === null) throw streamCutShort(endpoint, text);
  return { text, finish: anthropicFinish(reason), usage, model, requestId };
}
