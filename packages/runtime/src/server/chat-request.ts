import { randomInt } from 'node:crypto';
import type { Message } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { z } from 'zod';
import type { AnswerRequest, ServedModel } from '../runtime.ts';
import { ApiError } from './api-error.ts';
import { LONGEST_STOP, MOST_MESSAGES } from './limits.ts';
import { MESSAGE_FIELDS, OPTIONS, refuseToolRole, shown, withoutNulls, withoutUnsupported } from './unsupported.ts';

export interface ChatRequest {
  readonly model: ServedModel;
  readonly answer: AnswerRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const TextPart = z.strictObject({ type: z.literal('text'), text: z.string() });

const RequestMessage = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(TextPart).min(1)]),
  name: z.string().optional().describe('Accepted because clients send it; templates do not use it.'),
});

const Stop = z.string().min(1).max(LONGEST_STOP);
const Body = z.strictObject({
  model: z.string().optional().describe('Default: the bundle with its router.'),
  messages: z.array(RequestMessage).min(1).max(MOST_MESSAGES),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  seed: z.int().optional(),
  stop: z.union([Stop, z.array(Stop).max(4)]).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
});

/**
 * Checks the body of a chat completion. No field is ignored silently: unsupported values are refused by name.
 *
 * @throws ApiError 400, or 404 for a model that is not served.
 */
export function parseChatRequest(body: unknown, models: readonly ServedModel[]): ChatRequest {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new ApiError(400, 'invalid_body', 'The body must be a JSON object.');
  }
  const given = withoutUnsupported(withoutNulls(body) as Record<string, unknown>, OPTIONS);
  if (Array.isArray(given.messages)) given.messages = checkMessages(given.messages);
  const parsed = Body.safeParse(given);
  if (!parsed.success) throw explain(parsed.error.issues[0] as z.core.$ZodIssue, given);
  const request = parsed.data;

  const model = request.model === undefined ? models[0] : models.find(({ id }) => id === request.model);
  if (!model) throw unknownModel(request.model ?? '', models);
  const { max_tokens, max_completion_tokens, temperature = 0, top_p, stop, stream = false } = request;
  if (max_tokens !== undefined && max_completion_tokens !== undefined && max_tokens !== max_completion_tokens) {
    throw new ApiError(
      400,
      'invalid_value',
      `max_tokens is ${max_tokens}, max_completion_tokens is ${max_completion_tokens}: set only one of them.`,
      {
        param: 'max_tokens',
      },
    );
  }
  if (request.stream_options && !stream) {
    throw new ApiError(400, 'invalid_value', 'stream_options requires "stream": true.', { param: 'stream_options' });
  }
  const maxTokens = max_completion_tokens ?? max_tokens;
  return {
    model,
    stream,
    includeUsage: request.stream_options?.include_usage ?? false,
    answer: {
      messages: request.messages.map(toMessage),
      route: model.route,
      temperature,
      // Without a seed, two sampled answers should differ.
      seed: request.seed === undefined ? randomInt(2 ** 32) : request.seed >>> 0,
      stop: typeof stop === 'string' ? [stop] : (stop ?? []),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(top_p === undefined ? {} : { topP: top_p }),
    },
  };
}

export function unknownModel(id: string, models: readonly ServedModel[]): ApiError {
  const ids = models.map((model) => model.id);
  const near = nearest(id, ids);
  const meant = near === null ? '' : ` Did you mean "${near}"?`;
  const message = `There is no model ${shown(id)}; available: ${ids.join(', ')}.${meant}`;
  return new ApiError(404, 'model_not_found', message, { param: 'model' });
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
    refuseToolRole(Reflect.get(message, 'role'), place);
    return withoutUnsupported(message as Record<string, unknown>, MESSAGE_FIELDS, place);
  });
}

function toMessage({ role, content }: z.infer<typeof RequestMessage>): Message {
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join('');
  return { role: role === 'developer' ? 'system' : role, content: text };
}

function explain(issue: z.core.$ZodIssue, given: unknown): ApiError {
  const place = (path: readonly PropertyKey[]) =>
    path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`)).join('');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const param = place([...issue.path, key]);
    const near = issue.path.length === 0 ? nearest(key, Object.keys(Body.shape)) : null;
    const meant = near === null ? '' : ` Did you mean "${near}"?`;
    return new ApiError(400, 'unknown_parameter', `Unknown parameter: ${shown(param)}.${meant}`, { param });
  }
  const param = place(issue.path);
  if (issue.code === 'invalid_union' && issue.path[0] === 'messages') {
    const message = `${param} must be text or a list of {"type": "text", "text": …}; images, audio and files are not supported.`;
    return new ApiError(400, 'invalid_value', message, { param });
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (value === null ? value : Reflect.get(Object(value), key)),
    given,
  );
  const problem =
    issue.path[0] === 'stop'
      ? `must be text or a list of at most 4 texts, each of 1 to ${LONGEST_STOP} characters`
      : issue.message;
  const found = got === undefined ? 'it is missing' : `got ${shown(got)}`;
  return new ApiError(400, 'invalid_value', `${param}: ${problem} (${found}).`, { param });
}
