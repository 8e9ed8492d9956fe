import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { serve } from '@cogumi/pure/testing';
import { type AnswerFunction, createModel } from './ask-model.ts';
import { createBatchStore } from './batch-store.ts';
import { type Exchange, Refusal, sendJson } from './exchange.ts';
import type { BatchPlan, Fault, FaultRequest } from './faults.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { askedIn, createRouter } from './router.ts';

export interface ProviderServerOptions {
  /** Default `test-key`. */
  readonly key?: string;
  /** Models of the server, in both APIs. Default: `small` and `large`. */
  readonly models?: readonly string[];
  /** Models that refuse `max_tokens` (OpenAI) and a temperature (both). Default: none. */
  readonly thinkingModels?: readonly string[];
  /** Default: repeats the last message. */
  readonly answer?: AnswerFunction;
  /** Chooses a fault for every request, including polls and uploads. Default: none. */
  readonly fault?: (request: FaultRequest) => Fault | null;
  /** Batches are counted from 1. */
  readonly batch?: (batch: { number: number; customIds: readonly string[] }) => BatchPlan;
  /** Before every answer of a model. Milliseconds. */
  readonly latencyMs?: number;
}

export interface ProviderServer {
  /** Base URL for Anthropic's clients; OpenAI's clients need `/v1` behind it. */
  readonly url: string;
  readonly log: RequestLog;
  close(): Promise<void>;
}

/** Rate limits of an account in this minute; each request reduces the remaining ones. */
const REQUESTS_A_MINUTE = 10_000;
const TOKENS_A_MINUTE = 2_000_000;

/**
 * A server on this machine that speaks OpenAI's chat completions, files and batches and Anthropic's messages and message
 * batches, with models that answer by a function, and with the faults that a test plans.
 */
export async function startProviderServer(options: ProviderServerOptions = {}): Promise<ProviderServer> {
  const { key = 'test-key', models = ['small', 'large'], thinkingModels = [], latencyMs = 0 } = options;
  const { answer = (messages) => messages.at(-1)?.content ?? '', fault = () => null, batch = () => ({}) } = options;
  const log = createRequestLog();
  const asks = new Map<string, number>();
  const model = createModel(answer);
  const route = createRouter({ models, thinkingModels, model, store: createBatchStore(model, log, batch), latencyMs });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { pathname: path } = url;
    const method = request.method ?? 'GET';
    const body = await readAll(request);
    const asked = askedIn(path, body);
    const number = log.requests.length + 1;
    const before = asks.get(asked) ?? 0;
    if (asked !== '') asks.set(asked, before + 1);
    const ordered = fault({ method, path, number, asked, before });
    const logged = log.add({
      ...{ id: `req_${number}`, method, path, model: '', asked, customId: null, fault: ordered?.kind ?? null },
      ...{ status: 0, inputTokens: 0, outputTokens: 0, delivered: false },
    });
    response.on('finish', () => {
      logged.delivered = true;
    });
    setHeaders(response, logged.id, number);
    const exchange: Exchange = { request, response, url, body, logged, fault: ordered };
    try {
      if (!isKey(request, key)) throw unauthorized(path, request);
      if (ordered?.kind === 'slow') await setTimeout(ordered.ms);
      if (ordered?.kind === 'reset' && !ordered.ran) return void response.socket?.resetAndDestroy();
      if (ordered?.kind === 'status') throw refusalOf(ordered, response);
      await route(exchange);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await sendRefusal(exchange, error);
    }
  }

  const server = await serve((request, response) => {
    // A client that disconnects is no failure of the server.
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  return { ...server, log };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Headers of both APIs; a client reads its own. */
function setHeaders(response: ServerResponse, id: string, number: number): void {
  const minute = new Date(Date.now() + 60_000).toISOString();
  const headers = {
    'x-request-id': id,
    'x-ratelimit-limit-requests': REQUESTS_A_MINUTE,
    'x-ratelimit-remaining-requests': REQUESTS_A_MINUTE - number,
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-limit-tokens': TOKENS_A_MINUTE,
    'x-ratelimit-remaining-tokens': TOKENS_A_MINUTE - 100 * number,
    'x-ratelimit-reset-tokens': '1m0s',
    'request-id': id,
    'anthropic-ratelimit-requests-limit': REQUESTS_A_MINUTE,
    'anthropic-ratelimit-requests-remaining': REQUESTS_A_MINUTE - number,
    'anthropic-ratelimit-requests-reset': minute,
    'anthropic-ratelimit-tokens-limit': TOKENS_A_MINUTE,
    'anthropic-ratelimit-tokens-remaining': TOKENS_A_MINUTE - 100 * number,
    'anthropic-ratelimit-tokens-reset': minute,
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function isKey({ headers }: IncomingMessage, key: string): boolean {
  const given = Buffer.from(String(headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '') ?? ''));
  const right = Buffer.from(key);
  return given.length === right.length && timingSafeEqual(given, right);
}

function unauthorized(path: string, { headers }: IncomingMessage): Refusal {
  if (isAnthropic(path, headers)) return new Refusal(401, 'authentication_error', 'invalid x-api-key');
  // OpenAI quotes the key with stars in it; some compatible servers quote it in full.
  const given = headers.authorization?.replace(/^Bearer /, '') ?? '';
  return new Refusal(401, 'invalid_request_error', `Incorrect API key provided: ${given}.`, 'invalid_api_key');
}

function refusalOf({ status, code, headers = {} }: Fault & { kind: 'status' }, response: ServerResponse): Refusal {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const types: Record<number, string> = {
    429: 'rate_limit_error',
    529: 'overloaded_error',
    400: 'invalid_request_error',
  };
  return new Refusal(status, types[status] ?? 'api_error', `The server answers ${status}.`, code ?? null);
}

function sendRefusal(exchange: Exchange, { status, type, code, message }: Refusal): Promise<void> {
  const { url, request, logged } = exchange;
  const value = isAnthropic(url.pathname, request.headers)
    ? { type: 'error', error: { type: code ?? type, message }, request_id: logged.id }
    : { error: { message, type: code === 'insufficient_quota' ? code : type, param: null, code } };
  return sendJson(exchange, status, value);
}

function isAnthropic(path: string, headers: IncomingMessage['headers']): boolean {
  return path.startsWith('/v1/messages') || 'anthropic-version' in headers;
}
