import { randomInt } from 'node:crypto';
import type { Message } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { z } from 'zod';
import type { AnswerRequest, ServedModel } from '../runtime.ts';
import { ApiError } from './api-error.ts';

export interface ChatRequest {
  readonly model: ServedModel;
  readonly answer: AnswerRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const TextPart = z.strictObject({ type: z.literal('text'), text: z.string() });

/** Fields that clients copy from an earlier answer. They are accepted if they are empty. */
const EMPTY = { refusal: z.null(), audio: z.null(), function_call: z.null(), annotations: z.tuple([]) };
const RequestMessage = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(TextPart).min(1)]),
  name: z.string().optional().describe('Accepted because clients send it; templates do not use it.'),
  refusal: EMPTY.refusal.optional(),
  audio: EMPTY.audio.optional(),
  function_call: EMPTY.function_call.optional(),
  annotations: EMPTY.annotations.optional(),
  tool_calls: z.tuple([]).optional(),
});

const Body = z.strictObject({
  model: z.string().optional().describe('Default: the bundle with its router.'),
  messages: z.array(RequestMessage).min(1),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  seed: z.int().optional(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
});

/** Fields of OpenAI's API that are not supported, each with a test for values that change nothing and are accepted. */
const UNSUPPORTED: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  tools: isEmpty,
  tool_choice: (value) => value === 'none' || value === 'auto',
  parallel_tool_calls: (value) => typeof value === 'boolean',
  functions: isEmpty,
  function_call: (value) => value === 'none' || value === 'auto',
  response_format: (value) => shown(value) === '{"type":"text"}',
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: isEmpty,
  frequency_penalty: (value) => value === 0,
  presence_penalty: (value) => value === 0,
  modalities: (value) => shown(value) === '["text"]',
  audio: isEmpty,
  prediction: isEmpty,
  reasoning_effort: () => false,
  verbosity: () => false,
  service_tier: (value) => value === 'auto' || value === 'default',
  store: (value) => value === false,
  metadata: isEmpty,
  web_search_options: () => false,
};

/**
 * Checks the body of a chat completion. No field is ignored silently: unsupported values are refused by name.
 *
 * @throws ApiError 400, or 404 for a model that is not served.
 */
export function parseChatRequest(body: unknown, models: readonly ServedModel[]): ChatRequest {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new ApiError(400, 'invalid_body', 'The body must be a JSON object.');
  }
  // In OpenAI's API null means that a field is not set.
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  for (const [key, neutral] of Object.entries(UNSUPPORTED)) {
    if (key in given && !neutral(given[key])) {
      throw new ApiError(
        400,
        'unsupported_parameter',
        `This server does not support "${key}" with the value ${shown(given[key])}.`,
        {
          param: key,
        },
      );
    }
    delete given[key];
  }
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
  const problem = issue.path[0] === 'stop' ? 'must be text or a list of at most 4 non-empty texts' : issue.message;
  const found = got === undefined ? 'it is missing' : `got ${shown(got)}`;
  return new ApiError(400, 'invalid_value', `${param}: ${problem} (${found}).`, { param });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    // The value is nested too deeply for the stack.
    text = `a nested ${Array.isArray(value) ? 'list' : typeof value}`;
  }
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
