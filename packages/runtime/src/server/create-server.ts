import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { ApiError } from './api-error.ts';
import { checkRequestHead, invalid } from './check-request-head.ts';
import type { createApp } from './create-app.ts';
import { limitConnections } from './limit-connections.ts';
import { BODY_MS, HEADERS_MS, KEEP_ALIVE_MS, MAX_CONNECTIONS } from './limits.ts';

export interface ConnectionLimits {
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
};
/** How often Node looks for late headers and requests (chosen). */
const CHECK_MS = 1_000;

/** An HTTP/1.1 server for an app. What never reaches the app, such as a broken head, gets an error of the same shape. */
export function createServer(
  fetch: ReturnType<typeof createApp>['fetch'],
  limits: Partial<ConnectionLimits> = {},
): Server {
  const { headersMs, requestMs, connections } = { ...DEFAULT, ...limits };
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
        return void refuse(response, error as ApiError);
      }
      void answer(request, response);
    },
  );
  limitConnections(server, connections);
  answerBrokenRequests(server);
  return server;
}

/** Requests that Node cannot parse, or whose time is over. */
function answerBrokenRequests(server: Server): void {
  const answering = new WeakSet<Duplex>();
  server.prependListener('request', ({ socket }, response) => {
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
  });
  server.on('clientError', (cause: NodeJS.ErrnoException, socket: Duplex) => {
    // An answer that has begun cannot become an error.
    if (!socket.writable || answering.has(socket) || cause.code === 'ECONNRESET') return void socket.destroy(cause);
    const error = describe(cause);
    const text = JSON.stringify(error.body);
    const head = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(text)}`,
      `x-request-id: ${randomUUID()}`,
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

function refuse(response: ServerResponse, error: ApiError): void {
  const { status, headers, body } = error;
  response.writeHead(status, { ...headers, 'content-type': 'application/json', 'x-request-id': randomUUID() });
  response.end(JSON.stringify(body));
}

function toResponse({ status, headers, body }: ApiError): Response {
  return Response.json(body, { status, headers: { ...headers, 'x-request-id': randomUUID() } });
}
