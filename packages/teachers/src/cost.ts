import type { ChatCall, Usage } from './provider.ts';
import type { Price } from './providers/prices.ts';

/** Billionths of a US dollar. Integers, so that sums over millions of requests are exact. */
export type NanoDollars = number;

export const NANO = 1e9;

/**
 * Tokens that a provider adds per message (role, turn markers: 3 to 5 in chat templates) and per schema (it may be shown to
 * the model as a tool with instructions: up to 530 at Anthropic). Chosen above both.
 */
const TOKENS_PER_MESSAGE = 32;
const TOKENS_PER_SCHEMA = 1024;

/**
 * The most that a request can cost. No tokenizer makes more tokens than there are bytes (byte-level BPE and byte fallback), so
 * the number of bytes is an upper bound on the tokens of the prompt for every model.
 *
 * @param share - Share of the price: 1, or the share that a batch pays.
 */
export function worstCaseCost(price: Price, { messages, schema, maxTokens }: ChatCall, share: number): NanoDollars {
  const prompt = messages.reduce(
    (sum, { content }) => sum + Buffer.byteLength(content) + TOKENS_PER_MESSAGE,
    TOKENS_PER_MESSAGE,
  );
  const form = schema === null ? 0 : 2 * Buffer.byteLength(JSON.stringify(schema)) + TOKENS_PER_SCHEMA;
  const highestInputPrice = Math.max(price.input, price.cacheWrite, price.cachedInput);
  return nano(((prompt + form) * highestInputPrice + maxTokens * price.output) * share);
}

/** The cost of a request by the tokens that the provider counted. `share`: as for `worstCaseCost`. */
export function costOf(price: Price, usage: Usage, share: number): NanoDollars {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const plain = Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens);
  const input = plain * price.input + cacheReadTokens * price.cachedInput + cacheWriteTokens * price.cacheWrite;
  return nano((input + outputTokens * price.output) * share);
}

/** Converts tokens times USD per million tokens, rounded up. */
function nano(millionths: number): NanoDollars {
  // Floating-point error (3 × 0.1 is slightly more than 0.3) must not round up.
  return Math.ceil(millionths * 1e3 - 1e-6);
}

export const toDollars = (cost: NanoDollars): number => cost / NANO;
