import type { Endpoint } from '../http/endpoint.ts';

/** Differences between servers that speak OpenAI's protocol. */
export interface OpenAiSettings {
  readonly endpoint: Endpoint;
  /** Name of the token limit: OpenAI's models since o1 accept only the longer name, many other servers the shorter one. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Models that refuse a temperature, which is then not sent. null: none. */
  readonly fixedTemperature: RegExp | null;
  /** Whether to stream. A streamed reply may take long as long as bytes arrive; otherwise it must be complete in `firstByteMs`. */
  readonly stream: boolean;
}

export function openAiHeaders({ key }: Endpoint): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key}` };
}
