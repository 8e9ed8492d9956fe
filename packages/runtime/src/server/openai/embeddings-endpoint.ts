import type { Context } from 'hono';
import { z } from 'zod';
import { clientClosed, toApiError } from '../api-error.ts';
import type { Env } from '../env.ts';
import type { Services } from '../generation-endpoint.ts';
import { MOST_INPUTS } from '../limits.ts';
import { findModel, parseBody } from '../parse-body.ts';
import { readJson } from '../read-json.ts';
import { EMBEDDING_OPTIONS, withoutUnsupported } from '../unsupported.ts';
import { promptsOf, textPrompts } from './text-prompts.ts';

export const EmbeddingsBody = z.strictObject({
  model: z.string().optional().describe('Any model of the bundle; the base reads the texts.'),
  input: textPrompts(MOST_INPUTS).describe('A text or token ids, or a list of them.'),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user: z.string().optional(),
});

/** OpenAI's embeddings: the mean of the base's last hidden states over the tokens of a text, of length 1. */
export function embeddingsEndpoint({ bodies, queue }: Services) {
  return async (context: Context<Env>): Promise<Response> => {
    const body = parseBody(EmbeddingsBody, await readJson(context.req.raw, bodies), (given) =>
      withoutUnsupported(given, EMBEDDING_OPTIONS),
    );
    const scope = context.get('scope');
    const model = findModel(body.model, scope.models);
    scope.useModel(model.id);
    const { signal } = context.req.raw;
    try {
      scope.onEnd(await queue.enter(scope.line, 1, signal));
      scope.start();
      const data = [];
      let tokens = 0;
      for (const [index, input] of promptsOf(body.input).entries()) {
        if (signal.aborted) throw clientClosed();
        const { vector, tokens: read } = await scope.runtime.embed(input, scope.record.key ?? undefined);
        tokens += read;
        scope.record.promptTokens = tokens;
        const embedding = body.encoding_format === 'base64' ? base64(vector) : [...vector];
        data.push({ object: 'embedding', index, embedding });
      }
      return context.json({
        object: 'list',
        data,
        model: model.id,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      });
    } catch (error) {
      throw signal.aborted ? clientClosed(error) : toApiError(error, 'input');
    }
  };
}

function base64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}
