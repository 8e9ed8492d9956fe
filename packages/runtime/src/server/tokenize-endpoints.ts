import type { Context } from 'hono';
import { z } from 'zod';
import { toApiError } from './api-error.ts';
import type { Env } from './env.ts';
import type { Services } from './generation-endpoint.ts';
import { MOST_PROMPT_TOKENS } from './limits.ts';
import { parseBody } from './parse-body.ts';
import { readJson } from './read-json.ts';

/** Both in the shape of llama-server. */
export const TokenizeBody = z.strictObject({
  content: z.string(),
  add_special: z
    .boolean()
    .optional()
    .describe('True: put the BOS token first if the model was trained so. Default false.'),
  parse_special: z.boolean().optional().describe('True (default): names of control tokens are tokens.'),
});
export const DetokenizeBody = z.strictObject({
  tokens: z.array(z.int().min(0)).max(MOST_PROMPT_TOKENS),
});

/** Text to token ids: at most as many as the context holds, since a longer text takes too long to tokenize. */
export function tokenizeEndpoint({ bodies, queue }: Services) {
  return async (context: Context<Env>): Promise<Response> => {
    const body = parseBody(TokenizeBody, await readJson(context.req.raw, bodies));
    const { content, add_special: addBos = false, parse_special: special = true } = body;
    const scope = context.get('scope');
    scope.onEnd(queue.hold(scope.line));
    try {
      return context.json({ tokens: await scope.runtime.tokenize(content, { addBos, special }) });
    } catch (error) {
      throw toApiError(error, 'content');
    }
  };
}

/** Token ids to text. */
export function detokenizeEndpoint({ bodies, queue }: Services) {
  return async (context: Context<Env>): Promise<Response> => {
    const { tokens } = parseBody(DetokenizeBody, await readJson(context.req.raw, bodies));
    const scope = context.get('scope');
    scope.onEnd(queue.hold(scope.line));
    try {
      return context.json({ content: await scope.runtime.detokenize(tokens) });
    } catch (error) {
      throw toApiError(error, 'tokens');
    }
  };
}
