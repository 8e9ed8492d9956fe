import { randomUUID } from 'node:crypto';
import type { FinalPiece, GeneratePiece } from '@cogumi/llama';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import type { Answer, Runtime, ServedModel } from '../runtime.ts';
import { ApiError, toApiError } from './api-error.ts';
import { type ChatRequest, parseChatRequest, unknownModel } from './chat-request.ts';
import { type AnswerHead, completion, finalChunk, textChunk, usageChunk } from './chat-response.ts';
import { refuseForeignPages, requireKey } from './check-access.ts';
import { limitRequests } from './limit-requests.ts';
import { page } from './page.ts';

/** Twice the size of a context of 128 K tokens. A larger body is refused without reading it to the end. */
export const LARGEST_BODY_BYTES = 2 ** 20;

/** Most chat requests that are answered or waiting (chosen): with four in parallel and 5 s each, the last waits for 80 s. */
export const MAX_REQUESTS = 64;

const FORM = /^application\/x-www-form-urlencoded/i;

type Env = { Variables: { requestId: string } };

export interface AppOptions {
  /** Called for every failure with a status of 500 or more. */
  readonly onFailure?: (failure: { requestId: string; error: unknown }) => void;
  /** True if the server listens on a loopback address: requests with foreign Host names or from other web pages are refused. */
  readonly loopback?: boolean;
  /** Bearer token that clients have to send under `/v1`; default: none. */
  readonly apiKey?: string;
  /** Most chat requests that are answered or waiting; more are refused with 429. Default `MAX_REQUESTS`. */
  readonly maxRequests?: number;
}

/** OpenAI's chat completions API over a runtime, as a web-standard app without a socket. */
export function createApp(
  runtime: Runtime,
  { onFailure = () => {}, loopback = false, apiKey, maxRequests = MAX_REQUESTS }: AppOptions = {},
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
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY_BYTES,
      onError: (context) => {
        const message = `The body is larger than the limit of ${LARGEST_BODY_BYTES} bytes.`;
        // The rest of the body stays unread, so the connection cannot be used again.
        return refuse(context, new ApiError(413, 'body_too_large', message, { headers: { connection: 'close' } }));
      },
    }),
  );
  app.onError((error, context) => {
    const refusal = toApiError(error);
    const failed = refusal.status >= 500;
    if (failed) onFailure({ requestId: context.get('requestId'), error });
    return refuse(context, refusal);
  });

  app.get('/', (context) => context.html(page));
  app.get('/health', (context) => {
    const { digest, config } = runtime.bundle;
    return context.json({ status: runtime.modelPid === null ? 'restarting' : 'ok', bundle: config.name, digest });
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
  app.post('/v1/chat/completions', async (context) => {
    // Released only when all work for the request has ended, also after a hang-up: otherwise hanging up would bypass the limit.
    const release = limit.acquire();
    // If the client hangs up, decoding stops.
    const hungUp = new AbortController();
    context.req.raw.signal.addEventListener('abort', () => hungUp.abort(), { once: true });
    let streamed = false;
    try {
      const { head, request, answer, pieces } = await begin(context, runtime, hungUp.signal);
      describeRoute(context, answer);
      if (!request.stream) return await whole(context, head, pieces);
      streamed = true;
      return stream(context, { head, request, pieces, hungUp, onFailure, release });
    } finally {
      if (!streamed) release();
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

async function begin(context: Context<Env>, runtime: Runtime, signal: AbortSignal) {
  const request = parseChatRequest(await readJson(context), runtime.models);
  const head: AnswerHead = {
    id: `chatcmpl-${context.get('requestId')}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model.id,
    system_fingerprint: `cogumi-${runtime.bundle.digest.slice(7, 19)}`,
  };
  const answer = await runtime.answer(request.answer, signal);
  // Wait for the first piece, so that a model that fails at once gives an error status and not a broken stream.
  const first = await answer.pieces.next();
  return { request, head, answer, pieces: rejoin(first, answer.pieces) };
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
  readonly hungUp: AbortController;
  readonly onFailure: NonNullable<AppOptions['onFailure']>;
  readonly release: () => void;
}

function stream(context: Context<Env>, { head, request, pieces, hungUp, onFailure, release }: Streamed) {
  return streamSSE(context, async (events) => {
    events.onAbort(() => hungUp.abort());
    const send = (data: unknown) => events.writeSSE({ data: JSON.stringify(data) });
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
      await events.writeSSE({ data: '[DONE]' });
    } catch (error) {
      onFailure({ requestId: context.get('requestId'), error });
      await send(toApiError(error).body);
    } finally {
      release();
    }
  });
}

async function readJson(context: Context<Env>): Promise<unknown> {
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
  const text = await context.req.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, 'invalid_json', `The body is not JSON: ${(cause as Error).message}.`, { cause });
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
  return context.json(error.body, error.status);
}
