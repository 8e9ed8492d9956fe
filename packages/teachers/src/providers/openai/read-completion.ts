import { z } from 'zod';
import type { ChatReply } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { parseReply } from '../http/parse-reply.ts';
import { streamFailure } from '../http/reply-failure.ts';
import { openAiFinish, openAiUsage } from './usage.ts';

/** The fields of a completion that are read; servers may add others. */
const Completion = z.object({
  id: z.string().nullish(),
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

/**
 * Reads a completion without streaming.
 *
 * @throws ProviderError `malformed`; the failure that an error in a reply of status 200 describes (OpenRouter).
 */
export function readCompletion(
  value: unknown,
  requestedModel: string,
  requestId: string | null,
  endpoint: Endpoint,
): ChatReply {
  if (asRecord(value).error) throw streamFailure(endpoint, value);
  const { id, model, choices, usage } = parseReply(Completion, value, endpoint, 'the reply is no completion');
  const [{ message, finish_reason }] = choices as [(typeof choices)[number]];
  const finish = message.refusal ? 'filtered' : openAiFinish(finish_reason ?? 'stop');
  if (finish === null) throw streamFailure(endpoint, { message: `finish_reason is ${finish_reason}` });
  return {
    text: message.content ?? '',
    finish,
    usage: openAiUsage(usage),
    model: model ?? requestedModel,
    requestId: requestId ?? id ?? null,
  };
}
