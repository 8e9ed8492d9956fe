import type { ChatReply, Usage } from '../../provider.ts';
import { asRecord } from '../http/error-body.ts';
import { count } from '../http/token-count.ts';

/**
 * `usage` of a completion: `prompt_tokens` includes those from the cache (`prompt_tokens_details.cached_tokens`; DeepSeek:
 * `prompt_cache_hit_tokens`), `completion_tokens` includes reasoning tokens.
 *
 * @returns null when it is missing or no count; the ledger then charges the worst case.
 */
export function openAiUsage(value: unknown): Usage | null {
  const usage = asRecord(value);
  const details = asRecord(usage.prompt_tokens_details);
  const inputTokens = count(usage.prompt_tokens);
  const outputTokens = count(usage.completion_tokens);
  if (inputTokens === null || outputTokens === null) return null;
  const cacheReadTokens = count(details.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? 0;
  return { inputTokens, cacheReadTokens, cacheWriteTokens: count(details.cache_write_tokens) ?? 0, outputTokens };
}

/** The meaning of `finish_reason`; null: the reply failed (OpenRouter, DeepSeek). */
export function openAiFinish(reason: string): ChatReply['finish'] | null {
  if (reason === 'error' || reason === 'insufficient_system_resource') return null;
  if (reason === 'length') return 'length';
  return reason === 'content_filter' ? 'filtered' : 'stop';
}
