import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Answer, ChoicePiece, Runtime } from '../runtime.ts';
import { clientClosed, toApiError } from './api-error.ts';
import type { BodyReader } from './body-reader.ts';
import type { Env } from './env.ts';
import type { Generation, GenerationApi, Reply, StreamEvent } from './generation.ts';
import type { RequestLimit } from './limit-requests.ts';
import { readJson } from './read-json.ts';

/** What all endpoints share. */
export interface Services {
  readonly runtime: Runtime;
  readonly bodies: BodyReader;
  readonly limit: RequestLimit;
  readonly unreadMs: number;
  readonly onFailure: (failure: { requestId: string; error: unknown }) => void;
  readonly onHangUp: (request: { requestId: string }) => void;
}

/** Handles the requests of one API: reads the body, takes places, answers whole or as a stream. */
export function generationEndpoint<Request extends Generation>(services: Services, api: GenerationApi<Request>) {
  const { runtime, bodies, limit, onHangUp } = services;
  return async (context: Context<Env>): Promise<Response> => {
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
      const request = api.parse(await readJson(context.req.raw, bodies), runtime);
      // Only now, so that no place waits for the rest of a body.
      release = limit.acquire(request.answer.choices);
      const answer = await runtime.answer(request.answer, hungUp.signal);
      // Wait for the first piece, so that a model that fails at once gives an error status and not a broken stream.
      const pieces = rejoin(await answer.pieces.next(), answer.pieces);
      describeRoute(context, answer);
      const reply = api.reply(request, replyHead(runtime, request, requestId), answer);
      if (!request.stream) return context.json(reply.whole(await Array.fromAsync(pieces)));
      streamed = true;
      return stream(context, services, { reply, pieces, end });
    } catch (error) {
      throw toApiError(error, api.promptField);
    } finally {
      if (!streamed) end();
    }
  };
}

function replyHead(runtime: Runtime, { model }: Generation, requestId: string) {
  return {
    requestId,
    created: Math.floor(Date.now() / 1000),
    model: model.id,
    fingerprint: `cogumi-${runtime.served.digest?.slice(7, 19) ?? runtime.served.name}`,
  };
}

interface Streamed {
  readonly reply: Reply;
  readonly pieces: AsyncGenerator<ChoicePiece>;
  /** Called when all work for the answer has ended. */
  readonly end: () => void;
}

function stream(context: Context<Env>, { unreadMs, onFailure }: Services, { reply, pieces, end }: Streamed) {
  return streamSSE(context, async (events) => {
    const send = async (sent: readonly StreamEvent[]) => {
      for (const { data, ...event } of sent) {
        // A client that does not read would keep its place for ever. Closing the connection ends the answer like a hang-up.
        const unread = setTimeout(() => context.env.outgoing?.destroy(), unreadMs);
        await events.writeSSE({ ...event, data: typeof data === 'string' ? data : JSON.stringify(data) });
        clearTimeout(unread);
      }
    };
    try {
      await send(reply.begin());
      for await (const piece of pieces) await send(reply.piece(piece));
      await send(reply.end());
    } catch (error) {
      const refusal = toApiError(error);
      if (refusal.status >= 500) onFailure({ requestId: context.get('requestId'), error });
      await send([reply.failure(refusal)]);
    } finally {
      end();
    }
  });
}

async function* rejoin(
  first: IteratorResult<ChoicePiece, void>,
  rest: AsyncGenerator<ChoicePiece>,
): AsyncGenerator<ChoicePiece> {
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
