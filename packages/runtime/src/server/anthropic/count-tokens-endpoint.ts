import type { Context } from 'hono';
import { toApiError } from '../api-error.ts';
import type { Env } from '../env.ts';
import type { Services } from '../generation-endpoint.ts';
import { readJson } from '../read-json.ts';
import { parseCountRequest } from './messages-request.ts';

/** Anthropic's count of the tokens of a prompt. */
export function countTokensEndpoint({ bodies, queue }: Services) {
  return async (context: Context<Env>): Promise<Response> => {
    const scope = context.get('scope');
    const { model, prompt } = parseCountRequest(await readJson(context.req.raw, bodies), scope.models);
    scope.useModel(model.id);
    scope.onEnd(queue.hold(scope.line));
    try {
      return context.json({ input_tokens: await scope.runtime.countTokens(prompt) });
    } catch (error) {
      throw toApiError(error);
    }
  };
}
