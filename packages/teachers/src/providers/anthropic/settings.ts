import type { Endpoint } from '../http/endpoint.ts';

export interface AnthropicSettings {
  readonly endpoint: Endpoint;
  readonly stream: boolean;
  /**
   * Letters of the system prompt from which on it is written to the provider's cache: an entry costs a quarter more than
   * plain input and is read for a tenth, within five minutes. Shorter than about 1,024 tokens nothing is cached anyway.
   */
  readonly cacheSystemFrom: number;
}

/** The version of the protocol that is spoken here; there has been no other since. */
const VERSION = '2023-06-01';

export function anthropicHeaders({ key }: Endpoint): Record<string, string> {
  return { 'anthropic-version': VERSION, ...(key !== null && { 'x-api-key': key }) };
}
