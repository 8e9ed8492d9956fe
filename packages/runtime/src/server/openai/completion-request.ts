import { z } from 'zod';
import type { Generation } from '../generation.ts';
import { MOST_PROMPTS, MOST_TOP_LOGPROBS } from '../limits.ts';
import { findModel, invalidValue, type OfferedModel, parseBody } from '../parse-body.ts';
import { SAMPLING_FIELDS, samplingOptions, withoutUndefined } from '../sampling-fields.ts';
import { COMPLETION_OPTIONS, withoutUnsupported } from '../unsupported.ts';
import { STREAM_FIELDS, streamOptions } from './stream-fields.ts';
import { promptsOf, textPrompts } from './text-prompts.ts';

export interface CompletionRequest extends Generation {
  readonly includeUsage: boolean;
}

/** OpenAI's default for text completions. */
const DEFAULT_MAX_TOKENS = 16;

export const CompletionBody = z.strictObject({
  model: z.string().optional().describe('Default: the bundle with its router.'),
  prompt: textPrompts(MOST_PROMPTS).describe(
    'A text, in which names of control tokens are tokens, or token ids; or a list of them, whose choices are numbered through: `n` for each.',
  ),
  max_tokens: z.int().min(0).optional().describe(`Default ${DEFAULT_MAX_TOKENS}; 0 only with \`echo\`.`),
  echo: z
    .boolean()
    .optional()
    .describe(
      'The text begins with the prompt; with `logprobs` its tokens have their probabilities, the first one null.',
    ),
  ...SAMPLING_FIELDS,
  logprobs: z.int().min(0).max(MOST_TOP_LOGPROBS).optional().describe('Likely tokens that are reported in each place.'),
  ...STREAM_FIELDS,
  user: z.string().optional(),
});

/** Checks the body of a text completion. @throws ApiError 400, or 404 for a model that is not served. */
export function parseCompletionRequest(body: unknown, models: readonly OfferedModel[]): CompletionRequest {
  const request = parseBody(CompletionBody, body, (given) => withoutUnsupported(given, COMPLETION_OPTIONS));
  const model = findModel(request.model, models);
  const { echo = false, max_tokens: maxTokens = DEFAULT_MAX_TOKENS } = request;
  if (maxTokens === 0 && !echo) throw invalidValue('max_tokens', 'max_tokens may be 0 only with "echo": true.');
  const [prompt, ...morePrompts] = promptsOf(request.prompt);
  return {
    model,
    ...streamOptions(request),
    ...(morePrompts.length > 0 && { morePrompts }),
    answer: {
      prompt,
      route: model.route,
      maxTokens,
      ...(echo && { echo }),
      ...samplingOptions(request),
      ...withoutUndefined({ topLogprobs: request.logprobs }),
    },
  };
}
