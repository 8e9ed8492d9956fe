import { judgeLoopbackAccess } from '@cogumi/pure';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from './api-error.ts';
import { endpointOf } from './endpoints.ts';
import type { Env } from './env.ts';
import type { KeyRing } from './keys/key-ring.ts';

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

/**
 * Requires `authorization: Bearer <key>`, or `x-api-key: <key>` as Anthropic's clients send it, and holds the key's limits before
 * anything of the body is read. Endpoints that are open need no key.
 */
export function requireKey(keys: KeyRing): MiddlewareHandler<Env> {
  return async (context, next) => {
    const { req } = context;
    // Unknown paths need one, too: what is not said to be open is closed.
    if (endpointOf(req.path)?.open !== true) {
      const given = /^Bearer +(\S+) *$/i.exec(req.header('authorization') ?? '')?.[1] ?? req.header('x-api-key');
      const client = given === undefined ? null : keys.find(given);
      if (client === null) {
        const message =
          given === undefined
            ? 'An API key is required: send it as "authorization: Bearer <key>".'
            : 'The API key is wrong.';
        throw new ApiError(401, 'invalid_api_key', message, { headers: { 'www-authenticate': 'Bearer' } });
      }
      context.get('scope').admit(client);
    }
    await next();
  };
}
