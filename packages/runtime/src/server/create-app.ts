import { randomUUID } from 'node:crypto';
import type { FinalPiece, GeneratePiece } from '@cogumi/llama';
import { JsonProblem, parseStrictJson } from '@cogumi/pure';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Answer, Runtime, ServedModel } from '../runtime.ts';
import { ApiError, clientClosed, toApiError } from './api-error.ts';
import { type BodyLimits, BodyReader } from './body-reader.ts';
import { type ChatRequest, parseChatRequest, unknownModel } from './chat-request.ts';
import { type AnswerHead, completion, finalChunk, textChunk, usageChunk } from './chat-response.ts';
import { refuseForeignPages, requireKey } from './check-access.ts';
import { limitRequests } from './limit-requests.ts';
import { LONGEST_KEY, MAX_REQUESTS, MOST_VALUES, UNREAD_MS } from './limits.ts';
import { page } from './page.ts';

const FORM = /^application\/x-www-form-urlencoded/i;

/** `outgoing`: the response of Node's server, if the app runs on one. */
type Env = { Variables: { requestId: string }; Bindings: { outgoing?: { destroy(): void } } };

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

/** OpenAI's chat completions API over a runtime, as a web-standard app without a socket. */
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
    context.header('x-cogumi-bundle', runtime.bundle.digest);
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
    const { digest, config } = runtime.bundle;
    const { health } = runtime;
    return context.json({ ...health, bundle: config.name, digest }, health.status === 'ok' ? 200 : 503);
  });
  app.get('/v1/models', (context) =>
    context.json({ object: 'list', data: runtime.models.map((model) => describeModel(model, created)) }),
  );
  app.get('/v1/models/:id', (context) => {
    const id = context.req.param('id');
    const model = runtime.models.find((candidate) => candidate.id === id);
    if (!model) throw unknownModel(id, runtime.models);
    return context.json(describeModel(model, created));
  });
  const limit = limitRequests(maxRequests);
  const bodies = new BodyReader(bodyLimits);
  app.post('/v1/chat/completions', async (context) => {
    const requestId = context.get('requestId');
    // If the client hangs up, decoding stops.
    const hungUp = new AbortController();
    const { signal } = context.req.raw;
    const onAbort = () => {
      hungUp.abort(clientClosed());
      onHangUp({ requestId });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    let release = () => {};
    // Released only when all work for the request has ended, also after a hang-up: otherwise hanging up would bypass the limit.
    const end = () => {
      signal.removeEventListener('abort', onAbort);
      release();
    };
    let streamed = false;
    try {
      const request = parseChatRequest(await readJson(context, bodies), runtime.models);
      // Only now, so that no place waits for the rest of a body.
      release = limit.acquire();
      const { head, answer, pieces } = await begin(requestId, runtime, request, hungUp.signal);
      describeRoute(context, answer);
      if (!request.stream) return await whole(context, head, pieces);
      streamed = true;
      return stream(context, { head, request, pieces, unreadMs, onFailure, end });
    } finally {
      if (!streamed) end();
    }
  });

  const allowed: Record<string, string> = {
    '/': 'GET',
    '/health': 'GET',
    '/v1/models': 'GET',
    '/v1/models/:id': 'GET',
    '/v1/chat/completions': 'POST',
  };
  for (const [path, method] of Object.entries(allowed)) {
    app.all(path, ({ req }) => {
      const message = `${req.path} supports ${method}, not ${req.method}.`;
      throw new ApiError(405, 'method_not_allowed', message, { headers: { allow: method } });
    });
  }
  app.notFound(({ req }) => {
    throw new ApiError(
      404,
      'not_found',
      `There is no ${req.method} ${req.path}; available: ${Object.keys(allowed).join(', ')}.`,
    );
  });
  return app;
}

async function begin(requestId: string, runtime: Runtime, request: ChatRequest, signal: AbortSignal) {
  const head: AnswerHead = {
    id: `chatcmpl-${requestId}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model.id,
    system_fingerprint: `cogumi-${runtime.bundle.digest.slice(7, 19)}`,
  };
  const answer = await runtime.answer(request.answer, signal);
  // Wait for the first piece, so that a model that fails at once gives an error status and not a broken stream.
  const first = await answer.pieces.next();
  return { head, answer, pieces: rejoin(first, answer.pieces) };
}

async function whole(context: Context<Env>, head: AnswerHead, pieces: AsyncGenerator<GeneratePiece>) {
  let content = '';
  for await (const piece of pieces) {
    if (piece.kind === 'text') content += piece.text;
    else return context.json(completion(head, content, piece));
  }
  throw new Error('The answer ended without a final piece.');
}

interface Streamed {
  readonly head: AnswerHead;
  readonly request: ChatRequest;
  readonly pieces: AsyncGenerator<GeneratePiece>;
  readonly unreadMs: number;
  readonly onFailure: NonNullable<AppOptions['onFailure']>;
  /** Called when all work for the answer has ended. */
  readonly end: () => void;
}

function stream(context: Context<Env>, { head, request, pieces, unreadMs, onFailure, end }: Streamed) {
  return streamSSE(context, async (events) => {
    const write = async (data: string) => {
      // A client that does not read would keep its place for ever. Closing the connection ends the answer like a hang-up.
      const unread = setTimeout(() => context.env.outgoing?.destroy(), unreadMs);
      await events.writeSSE({ data });
      clearTimeout(unread);
    };
    const send = (data: unknown) => write(JSON.stringify(data));
    let final: FinalPiece | null = null;
    try {
      let opened = false;
      for await (const piece of pieces) {
        if (piece.kind === 'text' || !opened)
          await send(textChunk(head, piece.kind === 'text' ? piece.text : '', !opened));
        opened = true;
        if (piece.kind === 'end') final = piece;
      }
      if (final) {
        await send(finalChunk(head, final));
        if (request.includeUsage) await send(usageChunk(head, final));
      }
      await write('[DONE]');
    } catch (error) {
      const refusal = toApiError(error);
      if (refusal.status >= 500) onFailure({ requestId: context.get('requestId'), error });
      await send(refusal.body);
    } finally {
      end();
    }
  });
}

async function readJson(context: Context<Env>, bodies: BodyReader): Promise<unknown> {
  // A web page may send other content types to any server without a CORS preflight, but not JSON.
  const type = context.req.header('content-type');
  if (type === undefined || !/^application\/json *(;|$)/i.test(type)) {
    const problem =
      type === undefined
        ? 'it has no content-type'
        : `its content-type is ${type.slice(0, 80)}${FORM.test(type) ? ', the default of curl -d' : ''}`;
    const message = `The body must be sent as JSON; ${problem}. With curl, add -H 'content-type: application/json'.`;
    throw new ApiError(415, 'unsupported_media_type', message);
  }
  try {
    return parseStrictJson(await bodies.read(context.req.raw), { values: MOST_VALUES, keyLength: LONGEST_KEY });
  } catch (cause) {
    if (!(cause instanceof JsonProblem)) throw cause;
    throw new ApiError(400, 'invalid_json', `The body ${cause.message}.`, { cause });
  }
}

async function* rejoin(
  first: IteratorResult<GeneratePiece, void>,
  rest: AsyncGenerator<GeneratePiece>,
): AsyncGenerator<GeneratePiece> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

function describeRoute(context: Context, { decision }: Answer) {
  context.header('x-cogumi-route', decision.route);
  context.header('x-cogumi-reason', decision.reason);
  if (decision.confidence !== null) context.header('x-cogumi-confidence', decision.confidence.toFixed(4));
  if (decision.perplexity !== null) context.header('x-cogumi-perplexity', decision.perplexity.toFixed(2));
}

function describeModel({ id, parent }: ServedModel, created: number) {
  return { id, object: 'model', created, owned_by: 'cogumi', root: parent ?? id, parent };
}

function refuse(context: Context, error: ApiError) {
  for (const [name, value] of Object.entries(error.headers)) context.header(name, value);
  return context.json(error.body, error.status as ContentfulStatusCode);
}
