import type { Provider } from '../provider.ts';
import { type EndpointOptions, toEndpoint } from './http/endpoint.ts';
import { limitBytes } from './http/limit-bytes.ts';
import { openGoodReply, readJson, reportLimits, requestJson } from './http/request-json.ts';
import { chatBody } from './openai/chat-body.ts';
import { checkListed, type Listing } from './openai/check-model.ts';
import { openAiLimits } from './openai/limits.ts';
import { openAiBatches } from './openai/openai-batches.ts';
import { readChunks } from './openai/read-chunks.ts';
import { readCompletion } from './openai/read-completion.ts';
import { type OpenAiSettings, openAiHeaders } from './openai/settings.ts';

export interface OpenAiCompatibleOptions extends EndpointOptions, Partial<Omit<OpenAiSettings, 'endpoint'>> {
  /** Whether it has OpenAI's batch API. Default: false. */
  readonly batches?: boolean;
  readonly listing?: Listing;
  /** Path that checks a key where the list of models needs none (OpenRouter: `/key`); null: the list of models checks it. */
  readonly keyPath?: string | null;
}

/**
 * A server that speaks OpenAI's chat completions: OpenAI, OpenRouter, Groq, Together, DeepSeek, vLLM, Ollama, Cogumi.
 *
 * @throws CogumiError PROVIDER_SETTINGS_INVALID.
 */
export function openAiCompatible(options: OpenAiCompatibleOptions): Provider {
  const { listing = 'exact', keyPath = null, batches = false } = options;
  const { maxTokensField = 'max_tokens', fixedTemperature = null, stream = true } = options;
  const endpoint = toEndpoint(options);
  const settings: OpenAiSettings = { endpoint, maxTokensField, fixedTemperature, stream };
  const headers = openAiHeaders(endpoint);

  return {
    name: endpoint.provider,
    batches: batches ? openAiBatches(settings) : null,
    async check(model, signal) {
      if (keyPath !== null) {
        await requestJson({ method: 'GET', url: `${endpoint.baseUrl}${keyPath}`, headers }, endpoint, signal);
      }
      await checkListed(model, endpoint, listing, signal);
    },
    async chat(call, signal, onLimits) {
      const request = {
        method: 'POST',
        url: `${endpoint.baseUrl}/chat/completions`,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(chatBody(call, settings, stream)),
        asksModel: true,
      } as const;
      const reply = await openGoodReply(request, endpoint, signal, reportLimits(openAiLimits, onLimits));
      try {
        const requestId = reply.headers.get('x-request-id');
        // A server may answer without streaming although the request asked for it.
        const streamed = reply.headers.get('content-type')?.startsWith('text/event-stream') ?? stream;
        return streamed
          ? await readChunks(limitBytes(reply.bytes, call.maxTokens, endpoint), call.model, requestId, endpoint)
          : readCompletion(await readJson(reply, endpoint), call.model, requestId, endpoint);
      } finally {
        reply.close();
      }
    },
  };
}
