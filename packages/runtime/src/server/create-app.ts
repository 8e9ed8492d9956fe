import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Runtime, ServedModel } from '../runtime.ts';
import { countTokensEndpoint } from './anthropic/count-tokens-endpoint.ts';
import { anthropicError } from './anthropic/error-body.ts';
import { messages } from './anthropic/messages-reply.ts';
import { ApiError, toApiError } from './api-error.ts';
import { type BodyLimits, BodyReader } from './body-reader.ts';
import { refuseForeignPages, requireKey } from './check-access.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { Env } from './env.ts';
import { generationEndpoint, type Services } from './generation-endpoint.ts';
import { limitRequests } from './limit-requests.ts';
import { MAX_REQUESTS, UNREAD_MS } from './limits.ts';
import { chatCompletions } from './openai/chat-reply.ts';
import { completions } from './openai/completion-reply.ts';
import { embeddingsEndpoint } from './openai/embeddings-endpoint.ts';
import { openApi } from './openapi.ts';
import { page } from './page.ts';
import { unknownModel } from './parse-body.ts';
import { responses } from './responses/response-reply.ts';
import { detokenizeEndpoint, tokenizeEndpoint } from './tokenize-endpoints.ts';

export interface AppOptions {
  /** Called for every failure with a status of 500 or more. */
  readonly onFailure?: (failure: { requestId: string; error: unknown }) => void;
  /** Called when a client hangs up before its answer is complete. That is no failure of the server. */
  readonly onHangUp?: (request: { requestId: string }) => void;
  /** True if the server listens on a loopback address: requests with foreign Host names or from other web pages are refused. */
  readonly loopback?: boolean;
  /** Bearer token that clients have to send under `/v1`; default: none. */
  readonly apiKey?: string;
  /** Most chat requests that are answered or waiting; more are refused with 429. Default `MAX_REQUESTS`. */
  readonly maxRequests?: number;
  readonly bodies?: Partial<BodyLimits>;
  /** Most milliseconds for which an answer waits for a client that does not read it. Default `UNREAD_MS`. */
  readonly unreadMs?: number;
}

/** OpenAI's API over a runtime, as a web-standard app without a socket. */
export function createApp(
  runtime: Runtime,
  {
    onFailure = () => {},
    onHangUp = () => {},
    loopback = false,
    apiKey,
    maxRequests = MAX_REQUESTS,
    bodies: bodyLimits,
    unreadMs = UNREAD_MS,
  }: AppOptions = {},
): Hono<Env> {
  const app = new Hono<Env>();
  const created = Math.floor(Date.now() / 1000);

  app.use(async (context, next) => {
    const requestId = randomUUID();
    context.set('requestId', requestId);
    await next();
    context.header('x-request-id', requestId);
    // The name by which Anthropic's clients look for it.
    context.header('request-id', requestId);
    if (runtime.served.digest !== null) context.header('x-cogumi-bundle', runtime.served.digest);
  });
  if (loopback) app.use(refuseForeignPages);
  if (apiKey !== undefined) app.use('/v1/*', requireKey(apiKey));
  app.onError((error, context) => {
    const refusal = toApiError(error);
    const failed = refusal.status >= 500;
    if (failed) onFailure({ requestId: context.get('requestId'), error });
    return refuse(context, refusal);
  });

  app.get('/', (context) => context.html(page));
  app.get('/health', (context) => {
    const { digest, name } = runtime.served;
    const { health } = runtime;
    return context.json({ ...health, bundle: name, digest, ...runtime.measured }, health.status === 'ok' ? 200 : 503);
  });
  const document = openApi(runtime.served.digest ?? runtime.served.name);
  app.get('/openapi.json', (context) => context.json(document));
  app.get('/v1/models', (context) =>
    context.json({ object: 'list', data: runtime.models.map((model) => describeModel(model, created)) }),
  );
  app.get('/v1/models/:id', (context) => {
    const id = context.req.param('id');
    const model = runtime.models.find((candidate) => candidate.id === id);
    if (!model) throw unknownModel(id, runtime.models);
    return context.json(describeModel(model, created));
  });
  const services: Services = {
    runtime,
    bodies: new BodyReader(bodyLimits),
    limit: limitRequests(maxRequests),
    unreadMs,
    onFailure,
    onHangUp,
  };
  app.post(chatCompletions.path, generationEndpoint(services, chatCompletions));
  app.post(completions.path, generationEndpoint(services, completions));
  app.post(messages.path, generationEndpoint(services, messages));
  app.post('/v1/messages/count_tokens', countTokensEndpoint(services));
  app.post(responses.path, generationEndpoint(services, responses));
  app.post('/v1/embeddings', embeddingsEndpoint(services));
  app.post('/tokenize', tokenizeEndpoint(services));
  app.post('/detokenize', detokenizeEndpoint(services));

  for (const { path, method } of ENDPOINTS) {
    app.all(path, ({ req }) => {
      const message = `${req.path} supports ${method}, not ${req.method}.`;
      throw new ApiError(405, 'method_not_allowed', message, { headers: { allow: method } });
    });
  }
  app.notFound(({ req }) => {
    throw new ApiError(
      404,
      'not_found',
      `There is no ${req.method} ${req.path}; available: ${ENDPOINTS.map(({ path }) => path).join(', ')}.`,
    );
  });
  return app;
}

function describeModel({ id, parent }: ServedModel, created: number) {
  return { id, object: 'model', created, owned_by: 'cogumi', root: parent ?? id, parent };
}

function refuse(context: Context<Env>, error: ApiError) {
  for (const [name, value] of Object.entries(error.headers)) context.header(name, value);
  const anthropic = context.req.path.startsWith('/v1/messages');
  const body = anthropic ? anthropicError(error, context.get('requestId')) : error.body;
  return context.json(body, error.status as ContentfulStatusCode);
}
