import type { ChatCall } from '../../provider.ts';
import { sentMessage } from '../sent-message.ts';
import type { OpenAiSettings } from './settings.ts';

/** The body of `POST /chat/completions`, and of a request in a batch (without streaming). */
export function chatBody(call: ChatCall, settings: OpenAiSettings, stream: boolean): Record<string, unknown> {
  const { model, messages, maxTokens, temperature, schema } = call;
  return {
    model,
    messages: messages.map(sentMessage),
    [settings.maxTokensField]: maxTokens,
    ...(settings.fixedTemperature?.test(model) ? {} : { temperature }),
    // Strict mode enforces the schema, which must require every property and allow no others.
    ...(schema && {
      response_format: { type: 'json_schema', json_schema: { name: 'reply', strict: true, schema } },
    }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  };
}
