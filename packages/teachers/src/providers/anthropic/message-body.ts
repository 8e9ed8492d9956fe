import type { ChatCall } from '../../provider.ts';
import { sentMessage } from '../sent-message.ts';
import type { AnthropicSettings } from './settings.ts';

/**
 * Models that accept a temperature: up to Opus 4.6, Sonnet 4.6 and Haiku 4.5. Later models answer 400, and an unknown name is
 * more likely a later model.
 */
const TAKES_TEMPERATURE = /^claude-(3-|(opus|sonnet|haiku)-4(-[0156])?(-\d{8})?$)/;

/**
 * The body of `POST /v1/messages`, and of a request in a batch (without `stream`).
 *
 * A schema goes into `output_config.format`; the reply is then plain text that matches it. The older way, a forced tool call, is
 * refused during extended thinking, which later models do by default. Models before Opus 4.1 and Sonnet 4.5 lack the field and
 * answer 400.
 *
 * @see https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function messageBody(call: ChatCall, settings: AnthropicSettings, stream: boolean): Record<string, unknown> {
  const { model, messages, maxTokens, temperature, schema } = call;
  const system = messages
    .filter(({ role }) => role === 'system')
    .map(({ content }) => content)
    .join('\n\n');
  return {
    model,
    max_tokens: maxTokens,
    ...(system !== '' && { system: systemBlocks(system, settings) }),
    messages: messages.filter(({ role }) => role !== 'system').map(sentMessage),
    ...(TAKES_TEMPERATURE.test(model) && { temperature }),
    ...(schema && { output_config: { format: { type: 'json_schema', schema } } }),
    ...(stream && { stream: true }),
  };
}

function systemBlocks(text: string, { cacheSystemFrom }: AnthropicSettings): unknown {
  if (text.length < cacheSystemFrom) return text;
  return [{ type: 'text', text, cache_control: { type: 'ephemeral' } }];
}
