import type { ChatMessage } from '@cogumi/llama';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Generation } from '../generation.ts';
import { MOST_ID, MOST_MESSAGES, MOST_TOOLS, MOST_TOP_LOGPROBS } from '../limits.ts';
import { findModel, invalidValue, type OfferedModel, parseBody } from '../parse-body.ts';
import { SAMPLING_FIELDS, samplingOptions, withoutUndefined } from '../sampling-fields.ts';
import { CHAT_OPTIONS, MESSAGE_FIELDS, refuseFunctionRole, withoutUnsupported } from '../unsupported.ts';
import { formatLanguage, ResponseFormat } from './response-format.ts';
import { STREAM_FIELDS, streamOptions } from './stream-fields.ts';
import { TOOL_FIELDS, toolUse } from './tool-fields.ts';

export interface ChatRequest extends Generation {
  readonly includeUsage: boolean;
}

const TextPart = z.strictObject({ type: z.literal('text'), text: z.string() });

const Call = z.strictObject({
  id: z.string().min(1).max(MOST_ID),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const RequestMessage = z
  .strictObject({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
    content: z.union([z.string(), z.array(TextPart).min(1)]).optional(),
    name: z.string().optional().describe('Accepted because clients send it; templates do not use it.'),
    tool_calls: z.array(Call).max(MOST_TOOLS).optional().describe('Calls of a turn of the assistant.'),
    tool_call_id: z.string().max(MOST_ID).optional().describe('The call that a result answers.'),
  })
  .superRefine(({ role, content, tool_calls = [], tool_call_id }, { addIssue }) => {
    const refuse = (field: string, message: string) => addIssue({ code: 'custom', path: [field], message });
    if (content === undefined && tool_calls.length === 0) refuse('content', 'it is missing');
    if (tool_calls.length > 0 && role !== 'assistant') refuse('tool_calls', 'only the assistant calls tools');
    if (role === 'tool' && tool_call_id === undefined)
      refuse('tool_call_id', 'a result names the call that it answers');
    if (role !== 'tool' && tool_call_id !== undefined) refuse('tool_call_id', 'only a result answers a call');
  });

export const ChatBody = z.strictObject({
  model: z.string().optional().describe('Default: the bundle with its router.'),
  messages: z.array(RequestMessage).min(1).max(MOST_MESSAGES),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  ...SAMPLING_FIELDS,
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().min(0).max(MOST_TOP_LOGPROBS).optional(),
  ...TOOL_FIELDS,
  response_format: ResponseFormat.optional(),
  ...STREAM_FIELDS,
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
});

/** Checks the body of a chat completion. @throws ApiError 400, or 404 for a model that is not served. */
export function parseChatRequest(body: unknown, models: readonly OfferedModel[]): ChatRequest {
  const request = parseBody(ChatBody, body, (given) => {
    const fields = withoutUnsupported(given, CHAT_OPTIONS);
    if (Array.isArray(fields.messages)) fields.messages = checkMessages(fields.messages);
    return fields;
  });
  const { max_tokens, max_completion_tokens, logprobs = false, top_logprobs } = request;
  if (max_tokens !== undefined && max_completion_tokens !== undefined && max_tokens !== max_completion_tokens) {
    throw invalidValue(
      'max_tokens',
      `max_tokens is ${max_tokens}, max_completion_tokens is ${max_completion_tokens}: set only one of them.`,
    );
  }
  if (top_logprobs !== undefined && top_logprobs > 0 && !logprobs) {
    throw invalidValue('top_logprobs', 'top_logprobs requires "logprobs": true.');
  }
  const model = findModel(request.model, models);
  const format = formatLanguage(request.response_format);
  return {
    model,
    ...streamOptions(request),
    answer: {
      messages: request.messages.map(toMessage),
      route: model.route,
      ...samplingOptions(request),
      ...withoutUndefined({
        maxTokens: max_completion_tokens ?? max_tokens,
        topLogprobs: logprobs ? (top_logprobs ?? 0) : undefined,
        format,
        tools: toolUse(request, format !== undefined),
      }),
    },
  };
}

/** Messages without fields that change nothing. Later checks see at most `MOST_MESSAGES`, and stop at the first that is wrong. */
function checkMessages(messages: readonly unknown[]): unknown[] {
  if (messages.length > MOST_MESSAGES) {
    const message = `messages: ${messages.length} messages are more than the limit of ${MOST_MESSAGES}.`;
    throw new ApiError(400, 'invalid_value', message, { param: 'messages' });
  }
  return messages.map((message, at) => {
    if (message === null || typeof message !== 'object' || Array.isArray(message)) return message;
    const place = `messages[${at}].`;
    refuseFunctionRole(Reflect.get(message, 'role'), place);
    return withoutUnsupported(message as Record<string, unknown>, MESSAGE_FIELDS, place);
  });
}

function toMessage({ role, content = '', tool_calls = [], tool_call_id }: z.infer<typeof RequestMessage>): ChatMessage {
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join('');
  const toolCalls = tool_calls.map(({ id, function: { name, arguments: args } }) => ({ id, name, arguments: args }));
  return {
    role: role === 'developer' ? 'system' : role,
    content: text,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    ...(tool_call_id === undefined ? {} : { toolCallId: tool_call_id }),
  };
}
