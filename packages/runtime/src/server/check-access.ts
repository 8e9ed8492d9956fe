import { createHash, timingSafeEqual } from 'node:crypto';
import { judgeLoopbackAccess } from '@cogumi/pure';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from './api-error.ts';

/** Refuses web pages of other sites. Only for servers on a loopback address; see `judgeLoopbackAccess`. */
export const refuseForeignPages: MiddlewareHandler = async ({ req }, next) => {
  const host = req.header('host') ?? new URL(req.url).host;
  const verdict = judgeLoopbackAccess({ host, origin: req.header('origin') });
  if (verdict === 'foreign-host') {
    const message =
      'This server can be reached from this machine only and answers to localhost, 127.0.0.1 and [::1] as its Host.';
    throw new ApiError(403, 'host_not_allowed', message);
  }
  if (verdict === 'foreign-page') {
    throw new ApiError(403, 'origin_not_allowed', 'This server answers only its own web page.');
  }
  await next();
};

/** Requires `authorization: Bearer <key>`, or `x-api-key: <key>` as Anthropic's clients send it. */
export function requireKey(key: string): MiddlewareHandler {
  // The hashes have equal lengths, so the comparison takes the same time for every key that is sent.
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = hash(key);
  return async ({ req }, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(req.header('authorization') ?? '')?.[1] ?? req.header('x-api-key');
    if (given === undefined || !timingSafeEqual(hash(given), expected)) {
      const message =
        given === undefined
          ? 'An API key is required: send it as "authorization: Bearer <key>".'
          : 'The API key is wrong.';
      throw new ApiError(401, 'invalid_api_key', message, { headers: { 'www-authenticate': 'Bearer' } });
    }
    await next();
  };
}
