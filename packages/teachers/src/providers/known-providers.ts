import type { Listing } from './openai/check-model.ts';

/** A provider that recipes can name. Values are from its documentation unless noted otherwise. */
export interface KnownProvider {
  /** The API that it speaks. */
  readonly kind: 'openai' | 'anthropic';
  readonly baseUrl: string;
  /** Environment variable of the key; null: it needs none. */
  readonly keyVariable: string | null;
  /** Environment variable that overrides the base URL. */
  readonly urlVariable: string;
  readonly batches: boolean;
  /** Most requests in flight (chosen: hosted providers limit per minute by headers, local ones answer one after another). */
  readonly concurrency: number;
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  readonly fixedTemperature?: RegExp;
  readonly listing?: Listing;
  readonly keyPath?: string;
}

const KNOWN: Readonly<Record<string, KnownProvider>> = {
  openai: {
    kind: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keyVariable: 'OPENAI_API_KEY',
    urlVariable: 'OPENAI_BASE_URL',
    batches: true,
    concurrency: 64,
    maxTokensField: 'max_completion_tokens',
    fixedTemperature: /^(o\d|gpt-([5-9]|\d\d))/,
  },
  anthropic: {
    kind: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keyVariable: 'ANTHROPIC_API_KEY',
    urlVariable: 'ANTHROPIC_BASE_URL',
    batches: true,
    concurrency: 32,
  },
  openrouter: {
    kind: 'openai',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariable: 'OPENROUTER_API_KEY',
    urlVariable: 'OPENROUTER_BASE_URL',
    batches: false,
    concurrency: 32,
    listing: 'variant',
    keyPath: '/key',
  },
  groq: {
    kind: 'openai',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariable: 'GROQ_API_KEY',
    urlVariable: 'GROQ_BASE_URL',
    batches: false,
    concurrency: 16,
    maxTokensField: 'max_completion_tokens',
  },
  together: {
    kind: 'openai',
    baseUrl: 'https://api.together.xyz/v1',
    keyVariable: 'TOGETHER_API_KEY',
    urlVariable: 'TOGETHER_BASE_URL',
    batches: false,
    concurrency: 32,
  },
  deepseek: {
    kind: 'openai',
    baseUrl: 'https://api.deepseek.com',
    keyVariable: 'DEEPSEEK_API_KEY',
    urlVariable: 'DEEPSEEK_BASE_URL',
    batches: false,
    concurrency: 32,
  },
  vllm: {
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:8000/v1',
    keyVariable: null,
    urlVariable: 'VLLM_BASE_URL',
    batches: false,
    concurrency: 64,
  },
  ollama: {
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:11434/v1',
    keyVariable: null,
    urlVariable: 'OLLAMA_HOST',
    batches: false,
    concurrency: 4,
    listing: 'tagged',
  },
  cogumi: {
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:8420/v1',
    keyVariable: null,
    urlVariable: 'COGUMI_BASE_URL',
    batches: false,
    concurrency: 4,
  },
};

/** By name. A map, so that names of object properties (`constructor`) are not found. */
export const KNOWN_PROVIDERS: ReadonlyMap<string, KnownProvider> = new Map(Object.entries(KNOWN));

/** Whether the provider of a teacher (`provider:model`) has a batch API. */
export function hasBatches(teacher: string): boolean {
  return KNOWN_PROVIDERS.get(teacher.slice(0, teacher.indexOf(':')))?.batches ?? false;
}
