/** Names that always mean this machine. A numeric address cannot be rebound, so all of 127.0.0.0/8 is safe. */
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::(\d{1,5}))?$/i;

/** The headers of a request by which a browser shows who asks; undefined: not sent. */
export interface RequestHeaders {
  readonly host: string | undefined;
  readonly origin?: string | undefined;
  /** `Sec-Fetch-Site`. Images, frames and links of another site send no `Origin`, but browsers set this one. */
  readonly site?: string | undefined;
}

/** `foreign-host`: the `Host` is another name, as in DNS rebinding. `foreign-page`: a page of another site asks. */
export type AccessVerdict = 'allowed' | 'foreign-host' | 'foreign-page';

/**
 * True if a server that listens on this address can be reached from this machine only.
 *
 * @param address - As it was bound, without a port: a name may mean any address, and `::ffff:127.0.0.1` is an IPv4 one.
 */
export function isLoopback(address: string): boolean {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return LOOPBACK_HOST.test(bare.includes(':') ? `[${bare}]` : bare);
}

/**
 * Decides whether a server on a loopback address may answer a request. It keeps out web pages that reach the server through
 * the user's own browser: by a DNS name that resolves to this machine (DNS rebinding shows in `Host`), or from another
 * origin. Programs that are not browsers send neither `Origin` nor `Sec-Fetch-Site` and are allowed.
 *
 * @param headers - Leave `site` out to allow links from other sites to open the server's own page.
 * @param port - The only port that `Host` may name; undefined: any, because ports can be forwarded.
 */
export function judgeLoopbackAccess(headers: RequestHeaders, port?: number): AccessVerdict {
  const { host = '', origin, site = 'none' } = headers;
  const named = LOOPBACK_HOST.exec(host);
  if (!named || (port !== undefined && named[1] !== String(port))) return 'foreign-host';
  const own = [`http://${host}`, `https://${host}`].map((url) => url.toLowerCase());
  if (origin !== undefined && !own.includes(origin.toLowerCase())) return 'foreign-page';
  return site === 'same-origin' || site === 'none' ? 'allowed' : 'foreign-page';
}
