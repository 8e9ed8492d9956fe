import type { FinalPiece, GeneratePiece, GenerateRequest, ModelHost } from '@cogumi/llama';
import { z } from 'zod';
import { readEvents } from './read-events.ts';
import type { Replicas } from './replicas.ts';
import { UpstreamError, unsupported } from './upstream-error.ts';
import type { Offer, RouteModel } from './upstream-models.ts';

/** What is read of a chunk; servers add more. */
const Chunk = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().optional(),
        finish_reason: z.string().nullish(),
        /** vLLM's: the stop text that ended the answer, or a token. */
        stop_reason: z.unknown().optional(),
      }),
    )
    .default([]),
  usage: z
    .object({
      prompt_tokens: z.number(),
      completion_tokens: z.number(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
  error: z.unknown().optional(),
});

/**
 * A model that other servers generate with: prompts are made, read and routed here, by the same base, and their tokens are sent to
 * `/completions` of a server with OpenAI's API (vLLM, llama-server, Cogumi).
 *
 * @param host - The base, which tokenizes and routes. It generates nothing.
 */
export function upstreamHost(host: ModelHost, replicas: Replicas): ModelHost {
  return {
    ...host,
    get info() {
      return host.info;
    },
    // The answer is made elsewhere, so what the base has read of it is of no use.
    probe: (tokens, options) => host.probe(tokens, { ...options, answers: false }),
    generate: (request, { signal } = {}) => generate(replicas, request, signal),
  };
}

async function* generate(
  replicas: Replicas,
  request: GenerateRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratePiece> {
  const body = (offer: Offer) => bodyOf(offer, request);
  const { reply, end } = await replicas.send('/completions', body, signal).catch((error: unknown) => {
    if (signal?.aborted) return { reply: null, end: () => {} };
    throw error;
  });
  let final: FinalPiece = {
    kind: 'end',
    finishReason: 'cancelled',
    stopText: null,
    promptTokens: request.prompt.length,
    cachedTokens: 0,
    completionTokens: 0,
  };
  try {
    for await (const event of reply?.body ? readEvents(reply.body) : []) {
      const { choices, usage, error } = Chunk.parse(event);
      if (error !== undefined)
        throw new UpstreamError(`The server that answers failed: ${JSON.stringify(error).slice(0, 300)}`);
      for (const { text = '', finish_reason, stop_reason } of choices) {
        if (text !== '') {
          final = { ...final, completionTokens: final.completionTokens + 1 };
          yield { kind: 'text', text, ids: [], logprobs: [] };
        }
        if (finish_reason) final = { ...final, ...ending(finish_reason, stop_reason, request) };
      }
      if (usage) {
        final = {
          ...final,
          promptTokens: usage.prompt_tokens,
          completionTokens: usage.completion_tokens,
          // The other server's cache knows no keys: what is in it would say what somebody else has asked.
          cachedTokens: request.cacheSalt === undefined ? (usage.prompt_tokens_details?.cached_tokens ?? 0) : 0,
        };
      }
    }
    if (final.finishReason === 'cancelled' && !signal?.aborted) {
      throw new UpstreamError('The server that answers closed the connection in the middle of the answer.');
    }
  } catch (error) {
    if (!signal?.aborted) {
      throw error instanceof UpstreamError
        ? error
        : new UpstreamError(`The answer of the server broke off: ${(error as Error).message}`, { cause: error });
    }
  } finally {
    await reply?.body?.cancel().catch(() => undefined);
    end();
  }
  yield final;
}

function ending(finishReason: string, stopReason: unknown, { stop = [] }: GenerateRequest) {
  const stopText = typeof stopReason === 'string' && stop.includes(stopReason) ? stopReason : null;
  return { finishReason: finishReason === 'length' ? ('length' as const) : ('stop' as const), stopText };
}

/** Only what differs from the default is sent, since servers refuse fields that they do not know. */
function bodyOf({ routes, isLlamaServer }: Offer, request: GenerateRequest): object {
  const { prompt, maxTokens, temperature = 0, topP = 1, seed, stop = [], logitBias, adapter = null } = request;
  if (request.grammar !== undefined && !isLlamaServer) throw unsupported('A format or a demanded call');
  if (request.topLogprobs !== undefined || request.logprobs) throw unsupported('The probabilities of tokens');
  if (request.echo) throw unsupported('`echo`');
  return {
    ...modelOf(routes[adapter ?? 'base'] as RouteModel, request.adapterScale ?? 1),
    prompt,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    stream: true,
    stream_options: { include_usage: true },
    ...(seed === undefined ? {} : { seed }),
    ...(stop.length === 0 ? {} : { stop }),
    ...(request.frequencyPenalty === undefined ? {} : { frequency_penalty: request.frequencyPenalty }),
    ...(request.presencePenalty === undefined ? {} : { presence_penalty: request.presencePenalty }),
    ...(logitBias === undefined ? {} : { logit_bias: Object.fromEntries(logitBias) }),
    ...(isLlamaServer ? llamaServerFields(request) : vllmFields(request)),
  };
}

function modelOf({ model, lora }: RouteModel, scale: number): object {
  if (lora !== undefined) return { model, lora: lora.map((each) => ({ ...each, scale: each.scale * scale })) };
  if (scale !== 1) throw unsupported('The strength of an adapter');
  return { model };
}

/** Fields that OpenAI's API does not have, as vLLM and Cogumi name them. */
function vllmFields({ topK, minP, repetitionPenalty }: GenerateRequest): object {
  return {
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(minP === undefined ? {} : { min_p: minP }),
    ...(repetitionPenalty === undefined ? {} : { repetition_penalty: repetitionPenalty }),
  };
}

/** llama-server has defaults of its own (40 likely tokens, 0.05 of the likeliest), so its fields are always sent. */
function llamaServerFields(request: GenerateRequest): object {
  const { topK = 0, minP = 0, repetitionPenalty = 1, grammar, prompt, maxTokens } = request;
  return {
    top_k: topK,
    min_p: minP,
    repeat_penalty: repetitionPenalty,
    // Over prompt and answer, as here.
    repeat_last_n: prompt.length + maxTokens,
    ...(grammar === undefined ? {} : { grammar }),
  };
}
