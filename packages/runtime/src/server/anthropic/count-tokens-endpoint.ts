import type { Context } from 'hono';
import { toApiError } from '../api-error.ts';
import type { Env } from '../env.ts';
import type { Services } from '../generation-endpoint.ts';
import { readJson } from '../read-json.ts';
import { parseCountRequest } from './messages-request.ts';

/** Anthropic's count of the tokens of a prompt. */
export function countTokensEndpoint({ runtime, bodies, limit }: Services) {
  return async (context: Context<Env>): Promise<Response> => {
    const request = parseCountRequest(await readJson(context.req.raw, bodies), runtime);
    const release = limit.acquire();
    try {
      return context.json({ input_tokens: await runtime.countTokens(request) });
    } catch (error) {
      throw toApiError(error);
    } finally {
      release();
    }
  };
}
