import { z } from 'zod';
import type { ModelReply, Question } from './ask-model.ts';
import type { ReplyFormat } from './deliver-reply.ts';
import { Refusal } from './exchange.ts';

const TextBlock = z.object({
  type: z.literal('text'),
  text: z.string(),
  cache_control: z.object({ type: z.literal('ephemeral') }).nullish(),
});
const Content = z.union([z.string(), z.array(TextBlock)]);
/** Strict, as the real server refuses unknown fields. */
const Body = z.strictObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: Content })).min(1),
  system: Content.optional(),
  temperature: z.number().min(0).max(1).optional(),
  stream: z.boolean().optional(),
  output_config: z
    .strictObject({
      format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }),
    })
    .optional(),
});

export interface AnthropicQuestion extends Question {
  readonly stream: boolean;
}

/** @param thinking - Models that refuse a temperature. @throws Refusal. */
export function readAnthropicQuestion(
  value: unknown,
  models: readonly string[],
  thinking: readonly string[],
): AnthropicQuestion {
  const parsed = Body.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
    throw new Refusal(400, 'invalid_request_error', `${path.join('.')}: ${message}`);
  }
  const { model, messages, max_tokens, system = '', temperature, stream } = parsed.data;
  if (!models.includes(model)) throw new Refusal(404, 'not_found_error', `model: ${model}`);
  if (thinking.includes(model) && temperature !== undefined) {
    throw new Refusal(400, 'invalid_request_error', '`temperature` is deprecated for this model.');
  }
  const systemText = textOf(system);
  return {
    model,
    messages: [
      ...(systemText === '' ? [] : [{ role: 'system' as const, content: systemText }]),
      ...messages.map(({ role, content }) => ({ role, content: textOf(content) })),
    ],
    maxTokens: max_tokens,
    cacheSystem: typeof system !== 'string' && system.some(({ cache_control }) => cache_control != null),
    stream: stream ?? false,
  };
}

/** Anthropic's format of a reply. */
export function anthropicReplyFormat(id: string, { model }: Question): ReplyFormat {
  const message = { id, type: 'message', role: 'assistant', model };
  const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const reason = ({ finish }: ModelReply) => (finish === 'length' ? 'max_tokens' : 'end_turn');
  return {
    whole: (answered, counted) => ({
      ...message,
      content: [{ type: 'text', text: answered.tokens.join('') }],
      stop_reason: reason(answered),
      stop_sequence: null,
      ...(counted && { usage: usageOf(answered) }),
    }),
    head: (answered, counted) => [
      event('message_start', {
        message: {
          ...message,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          ...(counted && { usage: { ...usageOf(answered), output_tokens: 1 } }),
        },
      }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('ping', {}),
    ],
    token: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    error: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
    tail: (answered, counted) => [
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: reason(answered), stop_sequence: null },
        ...(counted && { usage: { output_tokens: answered.usage.outputTokens } }),
      }),
      event('message_stop', {}),
    ],
  };
}

/** Anthropic counts plain input, cache writes and cache reads separately. */
function usageOf({ usage: { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } }: ModelReply) {
  return {
    input_tokens: inputTokens - cacheReadTokens - cacheWriteTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: outputTokens,
    service_tier: 'standard',
  };
}

function textOf(content: z.infer<typeof Content>): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
