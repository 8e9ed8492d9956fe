import type { ChatCall, Usage } from './provider.ts';
import type { Price } from './providers/prices.ts';

/** Billionths of a US dollar: whole numbers, so that sums of millions of requests are exact. */
export type NanoDollars = number;

export const NANO = 1e9;

/**
 * Tokens that a provider puts around a message (role, turn markers): 3 to 5 in chat templates; and around a schema, which may
 * be shown to the model as a tool with instructions of its own: up to 530 at Anthropic. Above both (chosen).
 */
const AROUND_MESSAGE = 32;
const AROUND_SCHEMA = 1024;

/**
 * What a request can cost at most. No tokenizer makes more tokens than there are bytes (byte-level BPE and byte fallback), so
 * their number bounds the prompt without knowing the model.
 *
 * @param share - Of the price: 1, or what a batch pays.
 */
export function worstCaseCost(price: Price, { messages, schema, maxTokens }: ChatCall, share: number): NanoDollars {
  const prompt = messages.reduce(
    (sum, { content }) => sum + Buffer.byteLength(content) + AROUND_MESSAGE,
    AROUND_MESSAGE,
  );
  const form = schema === null ? 0 : 2 * Buffer.byteLength(JSON.stringify(schema)) + AROUND_SCHEMA;
  const highestInputPrice = Math.max(price.input, price.cacheWrite, price.cachedInput);
  return nano(((prompt + form) * highestInputPrice + maxTokens * price.output) * share);
}

/** What a request cost by the tokens that the provider counted. */
export function costOf(price: Price, usage: Usage, share: number): NanoDollars {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const plain = Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens);
  const input = plain * price.input + cacheReadTokens * price.cachedInput + cacheWriteTokens * price.cacheWrite;
  return nano((input + outputTokens * price.output) * share);
}

/** From tokens times USD a million tokens, rounded up. */
function nano(millionths: number): NanoDollars {
  // A product like 3 × 0.1 is a hair above its true value: not a reason to round up.
  return Math.ceil(millionths * 1e3 - 1e-6);
}

export const toDollars = (cost: NanoDollars): number => cost / NANO;
