import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import type { LoggedRequest } from './request-log.ts';

/** One request with its reply, for the routes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
  readonly logged: LoggedRequest;
  readonly fault: Fault | null;
}

/** A refused request: thrown by routes, sent as an error of their API. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;

  constructor(status: number, type: string, message: string, code: string | null = null) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
  }
}

export function sendJson(exchange: Exchange, status: number, value: unknown): Promise<void> {
  return sendWhole(exchange, status, 'application/json', JSON.stringify(value));
}

/** Sends a whole reply with the planned fault. The effects of the request remain. */
export async function sendWhole(exchange: Exchange, status: number, type: string, body: string): Promise<void> {
  const { response, logged, fault } = exchange;
  if (fault?.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  logged.status = status;
  const text = fault?.kind === 'malformed' ? body.slice(0, -1) : body;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  if (fault?.kind !== 'cut' && fault?.kind !== 'stall') {
    response.end(text);
    return;
  }
  response.write(text.slice(0, text.length / 2));
  if (fault.kind === 'cut') await flushAndDestroy(exchange);
}

/** Lets the bytes written so far arrive, then closes the connection. */
export async function flushAndDestroy({ response }: Exchange): Promise<void> {
  await setTimeout(5);
  response.destroy();
}

/** The JSON of a body. @throws Refusal 400. */
export function parseBody({ body }: Exchange): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>;
  } catch {
    // Refused below.
  }
  throw new Refusal(400, 'invalid_request_error', 'We could not parse the JSON body of your request.');
}
