import { type FailureKind, ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';

/** Characters of a provider's message that are shown (chosen). */
const MAX_MESSAGE_CHARACTERS = 200;

/** The hint for each kind of failure. */
const HINTS: Readonly<Record<FailureKind, (endpoint: Endpoint) => string>> = {
  unauthorized: ({ provider, keyVariable }) =>
    keyVariable === null
      ? `${provider} requires a valid key.`
      : `Set ${keyVariable} to a key that ${provider} accepts and that is allowed to use this model.`,
  'model-not-found': ({ provider, baseUrl, urlVariable }) =>
    `Check the name after \`${provider}:\`${urlVariable === null ? '' : ` and ${urlVariable}`}; ` +
    `${baseUrl}/models lists the models there.`,
  'no-funds': ({ provider }) => `Add credit to the account at ${provider} or raise its spending limit.`,
  'bad-request': ({ provider, baseUrl }) =>
    `Check what this model of ${provider} accepts (length of prompt and reply, schema, parameters), ` +
    `and the address ${baseUrl}.`,
  'rate-limited': ({ provider }) => `Wait, or request higher limits from ${provider}.`,
  overloaded: ({ provider }) => `Wait: ${provider} is busy.`,
  'server-error': ({ provider }) => `Try again later; check the status page of ${provider}.`,
  unreachable: ({ baseUrl, urlVariable }) =>
    `Check that a server runs at ${baseUrl} and that this machine can reach it.` +
    `${urlVariable === null ? '' : ` ${urlVariable} sets the address.`}`,
  timeout: () => 'Try again later, or request shorter replies.',
  'cut-short': () => 'Try again.',
  malformed: ({ baseUrl }) => `Try again; if it persists, check what answers at ${baseUrl} (perhaps a proxy).`,
  expired: () => 'Submit the request again.',
  cancelled: () => 'Submit the request again if you still need it.',
};

/**
 * A failure with provider, description and hint.
 *
 * @param what - Follows the provider's name; text from a server must be clipped before.
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

/** Text from a server in a form that may be shown: one printable line of up to 200 characters, without the key. */
export function clip(text: string, { key }: Pick<Endpoint, 'key'>): string {
  const secret = key === null ? text : text.replaceAll(key, '[key]');
  const line = secret.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  const letters = Array.from(line);
  return letters.length <= MAX_MESSAGE_CHARACTERS ? line : `${letters.slice(0, MAX_MESSAGE_CHARACTERS - 1).join('')}…`;
}

/** The failure of a stream that ended before its reply was complete. @param text - What arrived. */
export function streamCutShort(endpoint: Endpoint, text: string): ProviderError {
  const what = `the stream ended after ${text.length} characters, before the reply was complete`;
  return failure(endpoint, 'cut-short', what, { charged: 'unknown' });
}

/** Whether the connection failed during a reply; what arrived before is still valid. */
export function isLost(error: unknown): boolean {
  return error instanceof ProviderError && (error.kind === 'cut-short' || error.kind === 'timeout');
}

/** Error codes of requests that cannot have been sent: no address, no connection, no TLS agreement. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ERR_TLS_.*|CERT_.*|.*_CERT|.*_SIGNATURE)$/;

/** The failure of a request without a reply. */
export function connectionFailure(endpoint: Endpoint, cause: unknown): ProviderError {
  const { code, syscall } = systemError(cause);
  // An open connection can fail with the same codes; then the request was sent.
  const connecting = syscall === '' || syscall === 'connect' || syscall === 'getaddrinfo';
  const neverSent = connecting && NEVER_SENT.test(code);
  const what = neverSent ? 'no connection' : 'the connection broke off before a reply';
  return failure(endpoint, 'unreachable', `${what}${code === '' ? '' : ` (${code})`}`, {
    charged: neverSent ? 'nothing' : 'unknown',
    cause,
  });
}

/** The system's error code and call, from any depth of causes; empty when there are none. */
function systemError(error: unknown): { code: string; syscall: string } {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!('code' in at) || typeof at.code !== 'string') continue;
    return { code: at.code, syscall: 'syscall' in at && typeof at.syscall === 'string' ? at.syscall : '' };
  }
  return { code: '', syscall: '' };
}
