import { z } from 'zod';
import type { ChatReply } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { parseReply } from '../http/parse-reply.ts';
import { anthropicFinish, anthropicUsage } from './usage.ts';

/** The fields of a message that are read. */
const Message = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  content: z.array(z.object({ type: z.string(), text: z.string().nullish() })),
  stop_reason: z.string().nullish(),
  usage: z.unknown().optional(),
});

/** Reads a message without streaming: joins its text blocks and ignores thinking blocks. @throws ProviderError `malformed`. */
export function readMessage(value: unknown, asked: string, requestId: string | null, endpoint: Endpoint): ChatReply {
  const { id, model, content, stop_reason, usage } = parseReply(Message, value, endpoint, 'the reply is no message');
  return {
    text: content.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join(''),
    finish: anthropicFinish(stop_reason ?? 'end_turn'),
    usage: anthropicUsage(usage),
    model: model ?? asked,
    requestId: requestId ?? id ?? null,
  };
}
