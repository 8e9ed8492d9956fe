import type { RateLimits } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';
import { type HttpReply, openReply } from './open-reply.ts';
import { statusFailure } from './reply-failure.ts';
import type { HttpRequest } from './send.ts';

/** Bytes of the largest JSON reply (chosen); the longest known list of models has 2 MB (OpenRouter). */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Sends a request and returns its reply of status 2xx, with the body unread.
 *
 * @param onHead - Gets the headers of every reply, also of errors.
 * @throws ProviderError; the reason of `signal`.
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

/** Sends a request and returns its reply as JSON. @throws ProviderError; the reason of `signal`. */
export async function requestJson(request: HttpRequest, endpoint: Endpoint, signal: AbortSignal): Promise<unknown> {
  const reply = await openGoodReply(request, endpoint, signal);
  try {
    return await readJson(reply, endpoint);
  } finally {
    reply.close();
  }
}

/** Reads a body as JSON. @throws ProviderError `malformed` when it is no JSON or too large; `cut-short`, `timeout`. */
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

/** Parses JSON. @throws ProviderError `malformed`. */
export function parseJson(text: string, endpoint: Endpoint): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message leaves the text out, since it may contain the prompt.
    throw failure(endpoint, 'malformed', `the reply is not JSON (${text.length} characters)`, { charged: 'unknown' });
  }
}

/** A function that passes the rate limits in headers to `onLimits`, if it is given. */
export function reportLimits(
  read: (headers: Headers, now: number) => RateLimits,
  onLimits: ((limits: RateLimits) => void) | undefined,
): (headers: Headers) => void {
  return (headers) => onLimits?.(read(headers, Date.now()));
}
