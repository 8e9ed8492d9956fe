import { Message } from '@cogumi/contracts';
import { z } from 'zod';
import type { ModelReply, Question } from './ask-model.ts';
import type { ReplyFormat } from './deliver-reply.ts';
import { Refusal } from './exchange.ts';

const Body = z.object({
  model: z.string(),
  messages: z.array(Message).min(1),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  stream: z.boolean().optional(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
  response_format: z
    .object({
      type: z.enum(['text', 'json_object', 'json_schema']),
      json_schema: z.object({ name: z.string(), schema: z.object({}) }).optional(),
    })
    .optional(),
});

export interface OpenAiQuestion extends Question {
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** @param thinking - Models that refuse `max_tokens` and any temperature but 1. @throws Refusal. */
export function readOpenAiQuestion(
  value: unknown,
  models: readonly string[],
  thinking: readonly string[],
): OpenAiQuestion {
  const parsed = Body.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
    throw new Refusal(400, 'invalid_request_error', `Invalid '${path.join('.')}': ${message}`);
  }
  const { model, messages, max_tokens, max_completion_tokens, temperature, stream, stream_options } = parsed.data;
  if (!models.includes(model)) {
    const message = `The model \`${model}\` does not exist or you do not have access to it.`;
    throw new Refusal(404, 'invalid_request_error', message, 'model_not_found');
  }
  if (thinking.includes(model) && (max_tokens !== undefined || (temperature ?? 1) !== 1)) {
    const field = max_tokens === undefined ? 'temperature' : 'max_tokens';
    const message = `Unsupported parameter: '${field}' is not supported with this model.`;
    throw new Refusal(400, 'invalid_request_error', message, 'unsupported_parameter');
  }
  return {
    model,
    messages,
    maxTokens: max_completion_tokens ?? max_tokens ?? Number.POSITIVE_INFINITY,
    // OpenAI caches equal beginnings of 1,024 tokens by itself.
    cacheSystem: messages.some(({ role, content }) => role === 'system' && content.length >= 4096),
    stream: stream ?? false,
    includeUsage: stream_options?.include_usage ?? false,
  };
}

/** OpenAI's format of a reply. */
export function openAiReplyFormat(id: string, { model, includeUsage }: OpenAiQuestion): ReplyFormat {
  const head = { id, created: Math.floor(Date.now() / 1000), model };
  const chunk = (choices: readonly object[], more: object = {}) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`;
  const choice = (delta: object, reason: string | null = null) => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: reason,
  });
  // With usage requested, all other chunks have `usage: null`.
  const none = includeUsage ? { usage: null } : {};
  return {
    whole: ({ tokens, finish, usage }, counted) => ({
      ...head,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: tokens.join(''), refusal: null },
          logprobs: null,
          finish_reason: finish,
        },
      ],
      ...(counted && { usage: usageOf(usage) }),
    }),
    head: () => [chunk([choice({ role: 'assistant', content: '', refusal: null })], none)],
    token: (content) => chunk([choice({ content })], none),
    error: `data: ${JSON.stringify({ error: { message: 'The server had an error.', type: 'server_error', code: null } })}\n\n`,
    tail: ({ finish, usage }, counted) => [
      chunk([choice({}, finish)], none),
      ...(counted && includeUsage ? [chunk([], { usage: usageOf(usage) })] : []),
      'data: [DONE]\n\n',
    ],
  };
}

function usageOf({ inputTokens, outputTokens, cacheReadTokens }: ModelReply['usage']) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}
