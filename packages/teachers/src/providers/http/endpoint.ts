import { CogumiError, EXIT } from '@cogumi/contracts';

/** Timeouts of one request. Milliseconds. */
export interface Timeouts {
  /**
   * From sending the request to the first byte of the reply. Chosen: reasoning models are silent for minutes.
   */
  readonly firstByteMs: number;
  /** Between two bytes; keep-alive comments and pings count as bytes. Chosen: providers send one every 15 s or so. */
  readonly betweenBytesMs: number;
  /** The whole request; ends a reply that consists of keep-alives only. Chosen. */
  readonly totalMs: number;
}

export const TIMEOUTS: Timeouts = { firstByteMs: 240_000, betweenBytesMs: 90_000, totalMs: 1_800_000 };

/** A server, with what error messages say about it. */
export interface Endpoint {
  /** As in `openai:gpt-5`; for messages. */
  readonly provider: string;
  /** Without a final slash. */
  readonly baseUrl: string;
  /** null: the server needs none. Never shown. */
  readonly key: string | null;
  /** Environment variables of key and base URL; null: there is no such variable. */
  readonly keyVariable: string | null;
  readonly urlVariable: string | null;
  readonly timeouts: Timeouts;
}

/** Settings of a server; missing timeouts get their defaults. */
export type EndpointOptions = Omit<Endpoint, 'timeouts'> & { readonly timeouts?: Partial<Timeouts> };

/**
 * Checks key and address early. A key with a line end, for example, would make Node's HTTP client throw an error that quotes
 * the key.
 *
 * @throws CogumiError PROVIDER_SETTINGS_INVALID.
 */
export function toEndpoint(options: EndpointOptions): Endpoint {
  const { provider, key, keyVariable, urlVariable } = options;
  if (key !== null && !/^[\x21-\x7e]+$/.test(key)) {
    throw new CogumiError(
      'PROVIDER_SETTINGS_INVALID',
      `The key of ${provider} is empty or contains spaces, line ends or other characters that no key has.`,
      keyVariable === null ? 'Check where the key comes from.' : `Set ${keyVariable} again, to the key only.`,
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
      `The address of ${provider} must be a plain http or https URL, without user name and query.`,
      urlVariable === null ? 'Check the base URL.' : `Check ${urlVariable}; it should look like https://host/v1.`,
      { exitCode: EXIT.usage },
    );
  }
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  return { ...options, baseUrl, timeouts: { ...TIMEOUTS, ...options.timeouts } };
}
