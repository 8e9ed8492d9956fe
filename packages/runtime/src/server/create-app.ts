import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ServedModel } from '../runtime.ts';
import { countTokensEndpoint } from './anthropic/count-tokens-endpoint.ts';
import { messages } from './anthropic/messages-reply.ts';
import { ApiError, toApiError } from './api-error.ts';
import { type BodyLimits, BodyReader } from './body-reader.ts';
import { refuseForeignPages, requireKey } from './check-access.ts';
import { ENDPOINTS, endpointOf } from './endpoints.ts';
import type { Env } from './env.ts';
import { errorBody } from './error-body.ts';
import { generationEndpoint, type Services } from './generation-endpoint.ts';
import { KeyRing } from './keys/key-ring.ts';
import { LOOKAHEAD, MAX_REQUESTS, UNREAD_MS } from './limits.ts';
import { ServerMetrics } from './observe/metrics.ts';
import type { RequestObserver } from './observe/request-observer.ts';
import { chatCompletions } from './openai/chat-reply.ts';
import { completions } from './openai/completion-reply.ts';
import { embeddingsEndpoint } from './openai/embeddings-endpoint.ts';
import { openApi } from './openapi.ts';
import { page } from './page.ts';
import { unknownModel } from './parse-body.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestScope } from './request-scope.ts';
import { responses } from './responses/response-reply.ts';
import type { RuntimeSwitch } from './runtime-switch.ts';
import { detokenizeEndpoint, tokenizeEndpoint } from './tokenize-endpoints.ts';

export interface AppOptions {
  /** Called for every failure with a status of 500 or more. */
  readonly onFailure?: (failure: { requestId: string; error: unknown }) => void;
  /** Called when a client hangs up before its answer is complete. That is no failure of the server. */
  readonly onHangUp?: (request: { requestId: string }) => void;
  /** They follow all requests. */
  readonly observers?: readonly RequestObserver[];
  /** True if the server listens on a loopback address: requests with foreign Host names or from other web pages are refused. */
  readonly loopback?: boolean;
  /** A key without limits that clients have to send; default: none. */
  readonly apiKey?: string;
  /** Keys with limits of their own, instead of `apiKey`. */
  readonly keys?: KeyRing;
  /** Most answers that are made or waited for; more are refused with 429. Default `MAX_REQUESTS`. */
  readonly maxRequests?: number;
  readonly bodies?: Partial<BodyLimits>;
  /** Most milliseconds for which an answer waits for a client that does not read it. Default `UNREAD_MS`. */
  readonly unreadMs?: number;
}

/** Longest wait of a question about health for the model (chosen): load balancers ask often, and wait for a second. */
const HEALTH_MS = 100;
/** What a client may call its request: text that can stand in headers and logs. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The APIs over a runtime, as a web-standard app without a socket. */
export function createApp(
  runtimes: RuntimeSwitch,
  {
    onFailure = () => {},
    onHangUp = () => {},
    observers = [],
    loopback = false,
    apiKey,
    keys = apiKey === undefined ? undefined : KeyRing.of(apiKey),
    maxRequests = MAX_REQUESTS,
    bodies: bodyLimits,
    unreadMs = UNREAD_MS,
  }: AppOptions = {},
): Hono<Env> {
  const app = new Hono<Env>();
  const created = Math.floor(Date.now() / 1000);
  const queue = new RequestQueue(maxRequests, () => runtimes.current.parallel + LOOKAHEAD);
  const metrics = new ServerMetrics(runtimes, queue);
  const following = [metrics, ...observers];

  app.use(async (context, next) => {
    const { req } = context;
    const named = req.header('x-request-id') ?? '';
    const { runtime, release } = runtimes.take();
    const scope = new RequestScope(
      {
        requestId: REQUEST_ID.test(named) ? named : randomUUID(),
        method: req.method,
        endpoint: endpointOf(req.path)?.path ?? null,
        headers: req.raw.headers,
      },
      runtime,
      following,
    );
    scope.onEnd(release);
    context.set('scope', scope);
    await next();
    context.header('x-request-id', scope.requestId);
    // The name by which Anthropic's clients look for it.
    context.header('request-id', scope.requestId);
    if (runtime.served.digest !== null) context.header('x-cogumi-bundle', runtime.served.digest);
    if (!scope.streaming) scope.end(context.res.status);
  });
  if (loopback) app.use(refuseForeignPages);
  if (keys !== undefined) app.use(requireKey(keys));
  app.onError((error, context) => {
    const refusal = toApiError(error);
    const scope = context.get('scope');
    scope.record.errorCode = refusal.code;
    if (refusal.status >= 500) onFailure({ requestId: scope.requestId, error: refusal.cause ?? error });
    return refuse(context, refusal);
  });

  app.get('/', (context) => context.html(page));
  app.get('/health', async (context) => {
    const { runtime } = context.get('scope');
    // `measured` then says how it is now, unless the model is in a long pass.
    await runtime.statistics(HEALTH_MS);
    const { health, served, measured } = runtime;
    const body = { ...health, bundle: served.name, digest: served.digest, ...measured };
    return context.json(body, health.status === 'ok' ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    context.header('content-type', metrics.contentType);
    return context.body(await metrics.text());
  });
  const document = openApi();
  app.get('/openapi.json', (context) => {
    const { digest, name } = context.get('scope').runtime.served;
    return context.json({ ...document, info: { ...document.info, version: digest ?? name } });
  });
  app.get('/v1/models', (context) => {
    const scope = context.get('scope');
    const models = scope.models.filter(({ offered }) => offered);
    return context.json({ object: 'list', data: models.map((model) => describeModel(model, created)) });
  });
  app.get('/v1/models/:id', (context) => {
    const scope = context.get('scope');
    const id = context.req.param('id');
    const model = scope.models.find((served) => served.offered && served.id === id);
    if (!model) throw unknownModel(id, scope.models);
    return context.json(describeModel(model, created));
  });
  const services: Services = { bodies: new BodyReader(bodyLimits), queue, unreadMs, onFailure, onHangUp };
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
  const body = errorBody(error, context.req.path, context.get('scope').requestId);
  return context.json(body, error.status as ContentfulStatusCode);
}
