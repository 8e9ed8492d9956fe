import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { Answer, AnswerRequest, ChoicePiece, Runtime } from '../runtime.ts';
import { answerList } from './answer-list.ts';
import { clientClosed, toApiError } from './api-error.ts';
import type { BodyReader } from './body-reader.ts';
import type { Env } from './env.ts';
import { eventStream } from './event-stream.ts';
import type { Generation, GenerationApi, Reply, StreamEvent } from './generation.ts';
import { readJson } from './read-json.ts';
import type { RequestQueue } from './request-queue.ts';
import type { RequestScope } from './request-scope.ts';

/** What all endpoints share. */
export interface Services {
  readonly bodies: BodyReader;
  readonly queue: RequestQueue;
  readonly unreadMs: number;
  readonly onFailure: (failure: { requestId: string; error: unknown }) => void;
  readonly onHangUp: (request: { requestId: string }) => void;
}

/** Handles the requests of one API: reads the body, waits for its turn, answers whole or as a stream. */
export function generationEndpoint<Request extends Generation>(services: Services, api: GenerationApi<Request>) {
  const { bodies, onHangUp } = services;
  return async (context: Context<Env>): Promise<Response> => {
    const scope = context.get('scope');
    const { runtime, requestId } = scope;
    // If the client hangs up, decoding stops.
    const hungUp = new AbortController();
    const { signal } = context.req.raw;
    const onAbort = () => {
      hungUp.abort(clientClosed());
      onHangUp({ requestId });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    scope.onEnd(() => signal.removeEventListener('abort', onAbort));
    try {
      const request = api.parse(await readJson(context.req.raw, bodies), scope.models);
      scope.ask(request);
      const answer = await answerAll(services, scope, request, hungUp.signal);
      // Wait for the first piece, so that a model that fails at once gives an error status and not a broken stream.
      const pieces = observed(await answer.pieces.next(), answer.pieces, scope);
      describeRoute(context, answer);
      const reply = api.reply(request, replyHead(runtime, request, requestId), answer);
      if (!request.stream) return context.json(reply.whole(await Array.fromAsync(pieces)));
      scope.streaming = true;
      const failed = (error: unknown) => services.onFailure({ requestId, error });
      return eventStream(
        context,
        eventTexts({ reply, pieces, scope, hungUp: hungUp.signal }, failed),
        services.unreadMs,
      );
    } catch (error) {
      throw toApiError(error, api.promptField);
    }
  };
}

/**
 * Waits for a place and prepares the answer. Only after the body, so that no place waits for the rest of one. A place is released only when
 * all work for it has ended, also after a hang-up: otherwise hanging up would bypass the limit.
 */
async function answerAll(
  { queue }: Services,
  scope: RequestScope,
  { answer: first, morePrompts = [] }: Generation,
  signal: AbortSignal,
): Promise<Answer> {
  const { runtime, line } = scope;
  const { choices = 1 } = first;
  const prepare = async (request: AnswerRequest, ended: AbortSignal) => {
    scope.start();
    const { key } = scope.record;
    // One key does not learn from the prefix cache what another asks.
    const answer = await runtime.answer({ ...request, ...(key !== null && { cacheSalt: key }) }, ended);
    scope.answer(answer);
    return answer;
  };
  if (morePrompts.length === 0) {
    scope.onEnd(await queue.enter(line, choices, signal));
    return prepare(first, signal);
  }
  const requests = [first, ...morePrompts.map((prompt) => ({ ...first, prompt }) as AnswerRequest)];
  scope.onEnd(queue.hold(line, choices * Math.min(requests.length, runtime.parallel)));
  const begin = async (request: AnswerRequest, ended: AbortSignal) => {
    const end = once(await queue.turn(line, choices, ended));
    scope.onEnd(end);
    return { answer: await prepare(request, ended), end };
  };
  return answerList(requests, runtime.parallel, begin, signal);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}

function replyHead(runtime: Runtime, { model }: Generation, requestId: string) {
  return {
    requestId,
    // Unique, while a client may send the same id of a request twice.
    id: randomUUID(),
    created: Math.floor(Date.now() / 1000),
    model: model.id,
    fingerprint: `cogumi-${runtime.served.digest?.slice(7, 19) ?? runtime.served.name}`,
  };
}

interface Streamed {
  readonly reply: Reply;
  readonly pieces: AsyncGenerator<ChoicePiece>;
  readonly scope: RequestScope;
  readonly hungUp: AbortSignal;
}

/** Events of an answer as text. A failure is the last of them. */
async function* eventTexts(
  { reply, pieces, scope, hungUp }: Streamed,
  onFailure: (error: unknown) => void,
): AsyncGenerator<string, void> {
  let status = 200;
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
    status = refusal.status;
    scope.record.errorCode = refusal.code;
    if (refusal.status >= 500) onFailure(error);
    yield eventText([reply.failure(refusal)]);
  } finally {
    scope.end(hungUp.aborted ? clientClosed().status : status);
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

/** The pieces of an answer, of which the first was waited for. */
async function* observed(
  first: IteratorResult<ChoicePiece, void>,
  rest: AsyncGenerator<ChoicePiece>,
  scope: RequestScope,
): AsyncGenerator<ChoicePiece> {
  if (first.done) return;
  scope.piece(first.value);
  yield first.value;
  for await (const piece of rest) {
    scope.piece(piece);
    yield piece;
  }
}

function describeRoute(context: Context, { decision }: Answer) {
  context.header('x-cogumi-route', decision.route);
  context.header('x-cogumi-reason', decision.reason);
  if (decision.confidence !== null) context.header('x-cogumi-confidence', decision.confidence.toFixed(4));
  if (decision.perplexity !== null) context.header('x-cogumi-perplexity', decision.perplexity.toFixed(2));
}
