import type { IncomingMessage } from 'node:http';
import { CogumiError } from '@cogumi/contracts';

/**
 * Sent with every reply. Scripts and styles come from here alone, nothing else is loaded from anywhere, and no text can
 * become markup: the page never makes any, and where it tried the browser would refuse (`trusted-types`).
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
 * Keeps out web pages that ask through the browser of whoever sits at this machine: a name that leads here but is not this
 * machine's (DNS rebinding) stands in `Host`, a page from elsewhere in `Origin`.
 *
 * @throws CogumiError LOOK_FOREIGN, LOOK_METHOD.
 */
export function checkAccess({ method, headers }: IncomingMessage, port: number): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const host = headers.host?.toLowerCase() ?? '';
  if (!hosts.includes(host)) {
    throw new CogumiError(
      'LOOK_FOREIGN',
      `The Host is "${host.slice(0, 80)}", not this page's.`,
      `Open http://${hosts[0]}/.`,
    );
  }
  const origin = headers.origin?.toLowerCase();
  // An image or a frame of a page from elsewhere sends no Origin; browsers say here where it stands.
  const site = headers['sec-fetch-site'] ?? 'none';
  if ((origin !== undefined && origin !== `http://${host}`) || !['same-origin', 'none'].includes(String(site))) {
    const message = `A page of "${(origin ?? site).slice(0, 80)}" asks; this server answers its own alone.`;
    throw new CogumiError('LOOK_FOREIGN', message, `Open http://${hosts[0]}/.`);
  }
  if (method !== 'GET') {
    throw new CogumiError('LOOK_METHOD', `The method is ${method}; a data set is looked at with GET.`, 'Ask with GET.');
  }
}
