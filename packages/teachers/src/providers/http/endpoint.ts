import { CogumiError, EXIT } from '@cogumi/contracts';

/** How long a server may be silent. Milliseconds. */
export interface Timeouts {
  /**
   * From sending the request to the first byte of the reply. Chosen: thinking models are silent for minutes.
   */
  readonly firstByteMs: number;
  /** Between two bytes; keep-alive comments and pings count as bytes. Chosen: providers send one every 15 s or so. */
  readonly betweenBytesMs: number;
  /** All of one request; ends a server that sends keep-alives and nothing else. Chosen. */
  readonly totalMs: number;
}

export const TIMEOUTS: Timeouts = { firstByteMs: 240_000, betweenBytesMs: 90_000, totalMs: 1_800_000 };

/** A server that requests go to, and what to tell people about it. */
export interface Endpoint {
  /** As in `openai:gpt-5`; for messages. */
  readonly provider: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** null: the server asks for none. Shown to nobody. */
  readonly key: string | null;
  /** Environment variables that key and base URL come from; null: there is no such variable. */
  readonly keyVariable: string | null;
  readonly urlVariable: string | null;
  readonly timeouts: Timeouts;
}

/** What a provider is made from. */
export type EndpointOptions = Omit<Endpoint, 'timeouts'> & { readonly timeouts?: Partial<Timeouts> };

/**
 * Checks what would otherwise fail late and unclear: a key with a line end in it makes Node's HTTP client throw an error
 * that quotes the key.
 *
 * @throws CogumiError PROVIDER_SETTINGS_INVALID.
 */
export function toEndpoint(options: EndpointOptions): Endpoint {
  const { provider, key, keyVariable, urlVariable } = options;
  if (key !== null && !/^[\x21-\x7e]+$/.test(key)) {
    throw new CogumiError(
      'PROVIDER_SETTINGS_INVALID',
      `The key of ${provider} is empty or has spaces, line ends or letters that no key has.`,
      keyVariable === null
        ? 'Look at how the key is read.'
        : `Set ${keyVariable} anew, without anything around the key.`,
      { exitCode: EXIT.usage },
    );
  }
  const url = URL.canParse(options.baseUrl) ? new URL(options.baseUrl) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new CogumiError(
      'PROVIDER_SETTINGS_INVALID',
      `The address of ${provider} is not a plain http or https URL: no user name, no query.`,
      urlVariable === null ? 'Look at the base URL.' : `Look at ${urlVariable}; it should be like https://host/v1.`,
      { exitCode: EXIT.usage },
    );
  }
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  return { ...options, baseUrl, timeouts: { ...TIMEOUTS, ...options.timeouts } };
}
