import type { Endpoint } from '../http/endpoint.ts';

export interface AnthropicSettings {
  readonly endpoint: Endpoint;
  readonly stream: boolean;
  /**
   * Characters of the shortest system prompt that is marked for the provider's cache. Writing costs a quarter more than plain
   * input; reading within five minutes costs a tenth. Anthropic caches nothing below about 1,024 tokens.
   */
  readonly cacheSystemFrom: number;
}

/** Version of the protocol; the newest one. */
const VERSION = '2023-06-01';

export function anthropicHeaders({ key }: Endpoint): Record<string, string> {
  return { 'anthropic-version': VERSION, ...(key !== null && { 'x-api-key': key }) };
}
