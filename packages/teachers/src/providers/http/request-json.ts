import type { RateLimits } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';
import { type HttpReply, openReply } from './open-reply.ts';
import { statusFailure } from './reply-failure.ts';
import type { HttpRequest } from './send.ts';

/** Largest JSON reply that is read: the longest list of models has 2 MB (OpenRouter's). */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * One request with a reply of status 2xx; its body is still to be read.
 *
 * @param onHead - Sees the head of every reply, errors too.
 * @throws ProviderError; what `signal` carries.
 */
export async function openGoodReply(
  request: HttpRequest,
  endpoint: Endpoint,
  signal: AbortSignal,
  onHead: (headers: Headers) => void = () => {},
): Promise<HttpReply> {
  const reply = await openReply(request, endpoint, signal);
  onHead(reply.headers);
  if (reply.status >= 200 && reply.status < 300) return reply;
  try {
    throw await statusFailure(endpoint, reply, request.asksModel ?? false);
  } finally {
    reply.close();
  }
}

/** One request, its reply as JSON. @throws ProviderError; what `signal` carries. */
export async function requestJson(request: HttpRequest, endpoint: Endpoint, signal: AbortSignal): Promise<unknown> {
  const reply = await openGoodReply(request, endpoint, signal);
  try {
    return await readJson(reply, endpoint);
  } finally {
    reply.close();
  }
}

/** @throws ProviderError `malformed` when it is no JSON or too large; `cut-short`, `timeout`. */
export async function readJson({ bytes }: HttpReply, endpoint: Endpoint): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) {
      throw failure(endpoint, 'malformed', `a reply of more than ${MOST_BYTES} bytes`, { charged: 'unknown' });
    }
  }
  return parseJson(Buffer.concat(chunks).toString('utf8'), endpoint);
}

/** @throws ProviderError `malformed`. */
export function parseJson(text: string, endpoint: Endpoint): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The text is left out: it may hold what was asked.
    throw failure(endpoint, 'malformed', `the reply is not JSON (${text.length} letters)`, { charged: 'unknown' });
  }
}

/** Hands the rate limits of a reply on, if anybody wants them. */
export function reportLimits(
  read: (headers: Headers, now: number) => RateLimits,
  onLimits: ((limits: RateLimits) => void) | undefined,
): (headers: Headers) => void {
  return (headers) => onLimits?.(read(headers, Date.now()));
}
