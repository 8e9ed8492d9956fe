import { randomUUID } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { ApiError } from './api-error.ts';
import { checkRequestHead, invalid } from './check-request-head.ts';
import type { createApp } from './create-app.ts';
import { errorBody } from './error-body.ts';
import { limitConnections } from './limit-connections.ts';
import { BODY_MS, HEADERS_MS, KEEP_ALIVE_MS, LINGER_BYTES, LINGER_MS, MAX_CONNECTIONS } from './limits.ts';
import { type LingerLimits, lingerBeforeClose } from './linger.ts';

export interface ConnectionLimits extends LingerLimits {
  /** Most milliseconds for the headers of a request; a new connection that stays silent is closed then, too. */
  readonly headersMs: number;
  /** Most milliseconds for a whole request; the app's own limit for bodies is shorter and answers first. */
  readonly requestMs: number;
  readonly connections: number;
}

const DEFAULT: ConnectionLimits = {
  headersMs: HEADERS_MS,
  requestMs: HEADERS_MS + BODY_MS + 5_000,
  connections: MAX_CONNECTIONS,
  lingerMs: LINGER_MS,
  lingerBytes: LINGER_BYTES,
};
/** How often Node looks for late headers and requests (chosen). */
const CHECK_MS = 1_000;

/** An HTTP/1.1 server for an app. What never reaches the app, such as a broken head, gets an error of the same shape. */
export function createServer(
  fetch: ReturnType<typeof createApp>['fetch'],
  limits: Partial<ConnectionLimits> = {},
): Server {
  const { headersMs, requestMs, connections, ...linger } = { ...DEFAULT, ...limits };
  const answer = getRequestListener(fetch, {
    // Errors of the app are answered by the app. What fails before it is a request of which no URL can be made.
    errorHandler: (cause) => toResponse(invalid('The request is not valid.', cause)),
  });
  const server = createHttpServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, headersMs),
      // `checkRequestHead` refuses it with a message.
      requireHostHeader: false,
    },
    (request, response) => {
      try {
        checkRequestHead(request);
      } catch (error) {
        return void refuse(request, response, error as ApiError);
      }
      void answer(request, response);
    },
  );
  // Node would answer with 417 and nothing else.
  server.on('checkExpectation', (request, response) => refuse(request, response, unexpected(request.headers.expect)));
  limitConnections(server, connections);
  lingerBeforeClose(server, linger);
  answerBrokenRequests(server);
  return server;
}

/** `rawPacket`: the bytes in which Node's parser failed. */
type ParseError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** The path of a request whose head came with the bytes that could not be parsed; otherwise empty. */
function pathOf({ rawPacket }: ParseError): string {
  return /^[A-Z]+ (\S+)/.exec(rawPacket?.subarray(0, 200).toString('latin1') ?? '')?.[1] ?? '';
}

/** Requests that Node cannot parse, or whose time is over. */
function answerBrokenRequests(server: Server): void {
  /** Of each connection, the request whose head came last, with its answer. */
  const last = new WeakMap<Duplex, { readonly request: IncomingMessage; readonly response: ServerResponse }>();
  server.prependListener('request', (request, response) => {
    last.set(request.socket, { request, response });
  });
  server.on('clientError', (cause: ParseError, socket: Duplex) => {
    const { request, response } = last.get(socket) ?? {};
    // An answer that has begun cannot become an error, and a request whose body breaks off after its answer gets no second one.
    const answering = request && response && !(request.complete && response.writableFinished);
    // A client that opens connections ahead would take an answer on one of them for that of its next request.
    const unused = (socket as Socket).bytesRead === 0;
    if (!socket.writable || answering || unused || cause.code === 'ECONNRESET') return void socket.destroy(cause);
    const error = describe(cause);
    const requestId = randomUUID();
    const text = JSON.stringify(errorBody(error, pathOf(cause), requestId));
    const head = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(text)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
  });
}

function describe(cause: NodeJS.ErrnoException): ApiError {
  if (cause.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ApiError(408, 'request_timeout', 'The request was not complete in time.', { cause });
  }
  if (cause.code === 'HPE_HEADER_OVERFLOW') {
    return new ApiError(431, 'headers_too_large', 'The headers are larger than 16 KiB.', { cause });
  }
  return invalid(`The request is not valid HTTP: ${cause.message}.`, cause);
}

function unexpected(expect: string | undefined): ApiError {
  const message = `The header expect is ${JSON.stringify(expect?.slice(0, 80))}; only 100-continue is known.`;
  return new ApiError(417, 'expectation_failed', message, { headers: { connection: 'close' } });
}

function refuse({ url = '' }: IncomingMessage, response: ServerResponse, error: ApiError): void {
  const { status, headers } = error;
  const requestId = randomUUID();
  response.writeHead(status, { ...headers, 'content-type': 'application/json', 'x-request-id': requestId });
  response.end(JSON.stringify(errorBody(error, url, requestId)));
}

function toResponse({ status, headers, body }: ApiError): Response {
  return Response.json(body, { status, headers: { ...headers, 'x-request-id': randomUUID() } });
}
