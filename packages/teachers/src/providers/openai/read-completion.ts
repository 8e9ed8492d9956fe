import { z } from 'zod';
import type { ChatReply } from '../../provider.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { parseReply } from '../http/parse-reply.ts';
import { streamFailure } from '../http/reply-failure.ts';
import { openAiFinish, openAiUsage } from './usage.ts';

/** As much of a completion as is read; servers add fields of their own. */
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
 * A plain completion as a reply.
 *
 * @throws ProviderError `malformed`; what an error inside a reply of status 200 means (OpenRouter).
 */
export function readCompletion(value: unknown, asked: string, requestId: string | null, endpoint: Endpoint): ChatReply {
  if (asRecord(value).error) throw streamFailure(endpoint, value);
  const { id, model, choices, usage } = parseReply(Completion, value, endpoint, 'the reply is no completion');
  const [{ message, finish_reason }] = choices as [(typeof choices)[number]];
  const finish = message.refusal ? 'filtered' : openAiFinish(finish_reason ?? 'stop');
  if (finish === null) throw streamFailure(endpoint, { message: `finish_reason is ${finish_reason}` });
  return {
    text: message.content ?? '',
    finish,
    usage: openAiUsage(usage),
    model: model ?? asked,
    requestId: requestId ?? id ?? null,
  };
}
