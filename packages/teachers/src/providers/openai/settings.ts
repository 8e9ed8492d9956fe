import type { Endpoint } from '../http/endpoint.ts';

/** Where servers that speak OpenAI's protocol differ. */
export interface OpenAiSettings {
  readonly endpoint: Endpoint;
  /** What the limit of the reply is called: OpenAI's models since o1 know only the longer name, many others the shorter. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Models that refuse any temperature but their own: it is not sent to them. null: none. */
  readonly fixedTemperature: RegExp | null;
  /** Streamed: no limit on the time of a reply but that it goes on. Plain: the whole reply has to be there in `firstByteMs`. */
  readonly stream: boolean;
}

export function openAiHeaders({ key }: Endpoint): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key}` };
}
