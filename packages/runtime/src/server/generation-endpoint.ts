import type { Context } from 'hono';
import type { Answer, ChoicePiece, Runtime } from '../runtime.ts';
import { clientClosed, toApiError } from './api-error.ts';
import type { BodyReader } from './body-reader.ts';
import type { Env } from './env.ts';
import { eventStream } from './event-stream.ts';
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
      const failed = (error: unknown) => services.onFailure({ requestId, error });
      return eventStream(context, eventTexts({ reply, pieces, end }, failed), services.unreadMs);
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

/** Events of an answer as text. A failure is the last of them. */
async function* eventTexts(
  { reply, pieces, end }: Streamed,
  onFailure: (error: unknown) => void,
): AsyncGenerator<string, void> {
  try {
    const opening = eventText(reply.begin());
    if (opening !== '') yield opening;
    for await (const piece of pieces) {
      const text = eventText(reply.piece(piece));
      if (text !== '') yield text;
    }
    yield eventText(reply.end());
  } catch (error) {
    const refusal = toApiError(error);
    if (refusal.status >= 500) onFailure(error);
    yield eventText([reply.failure(refusal)]);
  } finally {
    end();
  }
}

/** No line break can be in the data: JSON has none, and no other text has either. */
function eventText(events: readonly StreamEvent[]): string {
  return events
    .map(({ event, data }) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      return event === undefined ? `data: ${text}\n\n` : `event: ${event}\ndata: ${text}\n\n`;
    })
    .join('');
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
