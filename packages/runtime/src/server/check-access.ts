import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from './api-error.ts';

/** What only this machine can be reached by. A numeric address cannot be rebound, so all of 127.0.0.0/8 is fine. */
const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** @param host - An address to listen on, without a port. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host.includes(':') ? `[${host}]` : host);
}

/**
 * Keeps out web pages that ask through the browser of whoever sits at this machine: a name that leads here but is not
 * this machine's (DNS rebinding) stands in `Host`, a page from elsewhere in `Origin`. Programs send no `Origin`.
 */
export const refuseForeignPages: MiddlewareHandler = async ({ req }, next) => {
  const host = req.header('host') ?? new URL(req.url).host;
  if (!LOOPBACK_NAME.test(host)) {
    const message =
      'This server listens on this machine alone and answers to localhost, 127.0.0.1 and [::1] as its Host.';
    throw new ApiError(403, 'host_not_allowed', message);
  }
  const origin = req.header('origin')?.toLowerCase();
  if (origin !== undefined && origin !== `http://${host}`.toLowerCase() && origin !== `https://${host}`.toLowerCase()) {
    throw new ApiError(403, 'origin_not_allowed', 'This server answers no web pages but its own.');
  }
  await next();
};

/** Asks for `authorization: Bearer <key>`. */
export function requireKey(key: string): MiddlewareHandler {
  // Hashes are of one length, so that comparing them takes as long whatever was sent.
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const wanted = hash(key);
  return async ({ req }, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(req.header('authorization') ?? '')?.[1];
    if (given === undefined || !timingSafeEqual(hash(given), wanted)) {
      const message =
        given === undefined
          ? 'An API key is needed: send it as "authorization: Bearer <key>".'
          : 'The API key is wrong.';
      throw new ApiError(401, 'invalid_api_key', message, { headers: { 'www-authenticate': 'Bearer' } });
    }
    await next();
  };
}
