import type { IncomingMessage } from 'node:http';
import { CogumiError } from '@cogumi/contracts';
import { judgeLoopbackAccess } from '@cogumi/pure';

/**
 * Sent with every reply. Scripts and styles are loaded only from this server and nothing else from anywhere. Text cannot become
 * markup: the page never parses any, and the browser would refuse it (`trusted-types`).
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Refuses requests that do not come from this page: another Host, another origin, or a method that could write.
 *
 * @throws CogumiError LOOK_FOREIGN, LOOK_METHOD.
 */
export function checkAccess({ method, headers }: IncomingMessage, port: number): void {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site']?.toString();
  const verdict = judgeLoopbackAccess({ host, origin, site }, port);
  const hint = `Open http://127.0.0.1:${port}/.`;
  if (verdict === 'foreign-host') {
    throw new CogumiError('LOOK_FOREIGN', `The Host is "${host.slice(0, 80)}", not this page's.`, hint);
  }
  if (verdict === 'foreign-page') {
    const message = `The request comes from a page of "${(origin ?? site ?? '').slice(0, 80)}"; this server answers only its own page.`;
    throw new CogumiError('LOOK_FOREIGN', message, hint);
  }
  if (method !== 'GET') {
    throw new CogumiError('LOOK_METHOD', `The method is ${method}; this server only reads.`, 'Send a GET request.');
  }
}
