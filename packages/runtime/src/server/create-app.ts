import { randomUUID } from 'node:crypto';
import type { FinalPiece, GeneratePiece } from '@cogumi/llama';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import type { Answer, Runtime, ServedModel } from '../runtime.ts';
import { ApiError, toApiError } from './api-error.ts';
import { parseChatRequest, unknownModel } from './chat-request.ts';
import { type AnswerHead, completion, finalChunk, textChunk, usageChunk } from './chat-response.ts';
import { page } from './page.ts';

/** A context of 128 K tokens is about half of it; what is larger is not read to its end. */
export const LARGEST_BODY_BYTES = 2 ** 20;

type Env = { Variables: { requestId: string } };

export interface AppOptions {
  /** Told about failures that are the server's own. */
  readonly onFailure?: (failure: { requestId: string; error: unknown }) => void;
}

/** OpenAI's chat completions over a runtime, as a web-standard app without a socket. */
export function createApp(runtime: Runtime, { onFailure = () => {} }: AppOptions = {}): Hono<Env> {
  const app = new Hono<Env>();
  const created = Math.floor(Date.now() / 1000);

  app.use(async (context, next) => {
    const requestId = randomUUID();
    context.set('requestId', requestId);
    await next();
    context.header('x-request-id', requestId);
    context.header('x-cogumi-bundle', runtime.bundle.digest);
  });
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY_BYTES,
      onError: (context) => {
        const message = `The body is larger than ${LARGEST_BODY_BYTES} bytes, the most that is read.`;
        // What is left of the body stays unread, so nothing else can come over this connection.
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
  app.post('/v1/chat/completions', (context) => chat(context, runtime, onFailure));

  const allowed: Record<string, string> = {
    '/': 'GET',
    '/health': 'GET',
    '/v1/models': 'GET',
    '/v1/models/:id': 'GET',
    '/v1/chat/completions': 'POST',
  };
  for (const [path, method] of Object.entries(allowed)) {
    app.all(path, ({ req }) => {
      const message = `${req.path} answers ${method}, not ${req.method}.`;
      throw new ApiError(405, 'method_not_allowed', message, { headers: { allow: method } });
    });
  }
  app.notFound(({ req }) => {
    throw new ApiError(
      404,
      'not_found',
      `There is no ${req.method} ${req.path} here; see ${Object.keys(allowed).join(', ')}.`,
    );
  });
  return app;
}

async function chat(context: Context<Env>, runtime: Runtime, onFailure: NonNullable<AppOptions['onFailure']>) {
  const request = parseChatRequest(await readJson(context), runtime.models);
  const head: AnswerHead = {
    id: `chatcmpl-${context.get('requestId')}`,
    created: Math.floor(Date.now() / 1000),
    model: request.model.id,
    system_fingerprint: `cogumi-${runtime.bundle.digest.slice(7, 19)}`,
  };
  // A client that hangs up ends the decoding.
  const hungUp = new AbortController();
  const { signal } = context.req.raw;
  signal.addEventListener('abort', () => hungUp.abort(), { once: true });
  const answer = await runtime.answer(request.answer, hungUp.signal);
  // With the first piece in hand, a model that fails at once is answered by a status, not in mid-stream.
  const first = await answer.pieces.next();
  const pieces = rejoin(first, answer.pieces);
  describeRoute(context, answer);

  if (!request.stream) {
    let content = '';
    for await (const piece of pieces) {
      if (piece.kind === 'text') content += piece.text;
      else return context.json(completion(head, content, piece));
    }
    throw new Error('The answer has no end.');
  }
  return streamSSE(context, async (stream) => {
    stream.onAbort(() => hungUp.abort());
    const send = (data: unknown) => stream.writeSSE({ data: JSON.stringify(data) });
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
      await stream.writeSSE({ data: '[DONE]' });
    } catch (error) {
      onFailure({ requestId: context.get('requestId'), error });
      await send(toApiError(error).body);
    }
  });
}

async function readJson(context: Context<Env>): Promise<unknown> {
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
