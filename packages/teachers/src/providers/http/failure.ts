import { type FailureKind, ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';

/** Longest piece of a provider's own words that is shown. */
const MOST_WORDS = 200;

/** What to do about a failure. */
const HINTS: Readonly<Record<FailureKind, (endpoint: Endpoint) => string>> = {
  unauthorized: ({ provider, keyVariable }) =>
    keyVariable === null
      ? `${provider} wants a key, or another one.`
      : `Set ${keyVariable} to a key that ${provider} accepts and that may use this model.`,
  'model-not-found': ({ provider, baseUrl, urlVariable }) =>
    `Look at the name after \`${provider}:\`${urlVariable === null ? '' : ` and at ${urlVariable}`}; ` +
    `the models there are listed at ${baseUrl}/models.`,
  'no-funds': ({ provider }) => `Add credit to the account at ${provider} or raise its spending limit.`,
  'bad-request': ({ provider, baseUrl }) =>
    `Look at what this model of ${provider} takes (length of prompt and reply, schema, parameters), ` +
    `and at the address ${baseUrl}.`,
  'rate-limited': ({ provider }) => `Wait, or ask ${provider} for higher limits.`,
  overloaded: ({ provider }) => `Wait: ${provider} is busy.`,
  'server-error': ({ provider }) => `Try again later; look at the status page of ${provider}.`,
  unreachable: ({ baseUrl, urlVariable }) =>
    `Is a server running at ${baseUrl}, and may this machine reach it?` +
    `${urlVariable === null ? '' : ` The address can be set with ${urlVariable}.`}`,
  timeout: () => 'Try again later, or ask for shorter replies.',
  'cut-short': () => 'Try again.',
  malformed: ({ baseUrl }) => `Try again; if it stays, look at what answers at ${baseUrl}: a proxy, perhaps.`,
  expired: () => 'Hand the request in again.',
  cancelled: () => 'Hand the request in again, if it is still wanted.',
};

/**
 * A failure in one shape: who, what, what to do.
 *
 * @param what - Goes behind the name of the provider; words of a server have to be clipped before.
 */
export function failure(
  endpoint: Endpoint,
  kind: FailureKind,
  what: string,
  more: { charged?: 'nothing' | 'unknown'; retryAfterMs?: number | null; cause?: unknown } = {},
): ProviderError {
  return new ProviderError(
    kind,
    `${endpoint.provider}: ${what}${/[.?!…]$/.test(what) ? '' : '.'}`,
    HINTS[kind](endpoint),
    more,
  );
}

/** The words of a server as they may be shown: one printable line of up to 200 letters, without the key. */
export function clip(words: string, { key }: Pick<Endpoint, 'key'>): string {
  const secret = key === null ? words : words.replaceAll(key, '[key]');
  const line = secret.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  const letters = Array.from(line);
  return letters.length <= MOST_WORDS ? line : `${letters.slice(0, MOST_WORDS - 1).join('')}…`;
}

/** Whether it is the connection that failed, in the middle of a reply: what came before is still true. */
export function isLost(error: unknown): boolean {
  return error instanceof ProviderError && (error.kind === 'cut-short' || error.kind === 'timeout');
}

/** Codes of a request that cannot have left: no address, no connection, no agreement on encryption. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_TLS_.*|CERT_.*|.*_CERT|.*_SIGNATURE)$/;

/** A request without a reply. */
export function connectionFailure(endpoint: Endpoint, cause: unknown): ProviderError {
  const { code, syscall } = systemError(cause);
  // A connection that stands can time out or lose its way too: then the request was sent.
  const connecting = syscall === '' || syscall === 'connect' || syscall === 'getaddrinfo';
  const neverSent = connecting && NEVER_SENT.test(code);
  const what = neverSent ? 'no connection' : 'the connection broke off before a reply';
  return failure(endpoint, 'unreachable', `${what}${code === '' ? '' : ` (${code})`}`, {
    charged: neverSent ? 'nothing' : 'unknown',
    cause,
  });
}

/** The system's words for an error, behind any number of wrappers; empty where there are none. */
function systemError(error: unknown): { code: string; syscall: string } {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!('code' in at) || typeof at.code !== 'string') continue;
    return { code: at.code, syscall: 'syscall' in at && typeof at.syscall === 'string' ? at.syscall : '' };
  }
  return { code: '', syscall: '' };
}
