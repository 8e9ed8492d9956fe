import type { z } from 'zod';
import { CountTokensBody, MessagesBody } from './anthropic/messages-body.ts';
import { ChatBody } from './openai/chat-request.ts';
import { CompletionBody } from './openai/completion-request.ts';
import { EmbeddingsBody } from './openai/embeddings-endpoint.ts';
import { ResponseBody } from './responses/response-body.ts';
import { DetokenizeBody, TokenizeBody } from './tokenize-endpoints.ts';

export interface Endpoint {
  /** As the router writes it, such as `/v1/models/:id`. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly summary: string;
  readonly body?: z.ZodObject;
  /** True: `"stream": true` in the body asks for server-sent events. */
  readonly streams?: true;
  /** True: it needs no key, where keys are set. */
  readonly open?: true;
  /** Media type of the answer; default JSON. */
  readonly type?: string;
}

/** Everything that the server answers. */
export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/', method: 'GET', summary: 'A page to try the models', open: true, type: 'text/html' },
  { path: '/health', method: 'GET', summary: 'Whether the model answers; 503 while it does not', open: true },
  { path: '/openapi.json', method: 'GET', summary: 'This document', open: true },
  { path: '/metrics', method: 'GET', summary: 'Metrics in the text form of Prometheus', type: 'text/plain' },
  { path: '/v1/models', method: 'GET', summary: 'All models: the whole, the base and each modifier' },
  { path: '/v1/models/:id', method: 'GET', summary: 'One model' },
  { path: '/v1/chat/completions', method: 'POST', summary: 'OpenAI: answer a chat', body: ChatBody, streams: true },
  { path: '/v1/completions', method: 'POST', summary: 'OpenAI: continue a text', body: CompletionBody, streams: true },
  {
    path: '/v1/responses',
    method: 'POST',
    summary: 'OpenAI: a response, not stored',
    body: ResponseBody,
    streams: true,
  },
  { path: '/v1/embeddings', method: 'POST', summary: 'OpenAI: vectors of texts', body: EmbeddingsBody },
  { path: '/v1/messages', method: 'POST', summary: 'Anthropic: answer a chat', body: MessagesBody, streams: true },
  { path: '/v1/messages/count_tokens', method: 'POST', summary: 'Anthropic: count a prompt', body: CountTokensBody },
  { path: '/tokenize', method: 'POST', summary: 'llama-server: a text as token ids', body: TokenizeBody },
  { path: '/detokenize', method: 'POST', summary: 'llama-server: token ids as a text', body: DetokenizeBody },
];

const BY_PATH = new Map(ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]));

/** @param path - Of a request. @returns null if the server has no such path. */
export function endpointOf(path: string): Endpoint | null {
  return BY_PATH.get(path.replace(/^\/v1\/models\/[^/]+$/, '/v1/models/:id')) ?? null;
}
