import type { Provider } from '../provider.ts';
import { anthropicBatches } from './anthropic/anthropic-batches.ts';
import { anthropicLimits } from './anthropic/limits.ts';
import { messageBody } from './anthropic/message-body.ts';
import { readEvents } from './anthropic/read-events.ts';
import { readMessage } from './anthropic/read-message.ts';
import { type AnthropicSettings, anthropicHeaders } from './anthropic/settings.ts';
import { type EndpointOptions, toEndpoint } from './http/endpoint.ts';
import { limitBytes } from './http/limit-bytes.ts';
import { openGoodReply, readJson, reportLimits, requestJson } from './http/request-json.ts';

export interface AnthropicOptions extends EndpointOptions, Partial<Omit<AnthropicSettings, 'endpoint'>> {
  /** Milliseconds between two polls of a running batch that `find` waits for. Default: one minute (chosen). */
  readonly findPollMs?: number;
}

/** Characters of the smallest prompt that Anthropic caches: 1,024 tokens of four characters. */
const CACHED_FROM = 4096;

/**
 * Anthropic's Messages API. The base URL is the one that Anthropic's own clients take, without `/v1`; a final `/v1` is ignored.
 *
 * @throws CogumiError PROVIDER_SETTINGS_INVALID.
 */
export function anthropic(options: AnthropicOptions): Provider {
  const { stream = true, cacheSystemFrom = CACHED_FROM, findPollMs = 60_000 } = options;
  const endpoint = toEndpoint({ ...options, baseUrl: `${options.baseUrl.replace(/\/+(v1\/*)?$/, '')}/v1` });
  const settings: AnthropicSettings = { endpoint, stream, cacheSystemFrom };
  const headers = anthropicHeaders(endpoint);

  return {
    name: endpoint.provider,
    batches: anthropicBatches(settings, findPollMs),
    async check(model, signal) {
      const url = `${endpoint.baseUrl}/models/${encodeURIComponent(model)}`;
      await requestJson({ method: 'GET', url, headers, asksModel: true }, endpoint, signal);
    },
    async chat(call, signal, onLimits) {
      const request = {
        method: 'POST',
        url: `${endpoint.baseUrl}/messages`,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(messageBody(call, settings, stream)),
        asksModel: true,
      } as const;
      const reply = await openGoodReply(request, endpoint, signal, reportLimits(anthropicLimits, onLimits));
      try {
        const requestId = reply.headers.get('request-id');
        const streamed = reply.headers.get('content-type')?.startsWith('text/event-stream') ?? stream;
        return streamed
          ? await readEvents(limitBytes(reply.bytes, call.maxTokens, endpoint), call.model, requestId, endpoint)
          : readMessage(await readJson(reply, endpoint), call.model, requestId, endpoint);
      } finally {
        reply.close();
      }
    },
  };
}
