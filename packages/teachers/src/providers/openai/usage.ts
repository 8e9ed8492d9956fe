import type { ChatReply, Usage } from '../../provider.ts';
import { asRecord } from '../http/error-body.ts';
import { count } from '../http/token-count.ts';

/**
 * `usage` of a completion: prompt_tokens with those from the cache among them (`prompt_tokens_details.cached_tokens`;
 * DeepSeek: `prompt_cache_hit_tokens`), completion_tokens with thinking among them.
 *
 * @returns null when it is missing or is no count: such a reply counts at its worst case.
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

/** What `finish_reason` means; null: the reply failed on the way (OpenRouter, DeepSeek). */
export function openAiFinish(reason: string): ChatReply['finish'] | null {
  if (reason === 'error' || reason === 'insufficient_system_resource') return null;
  if (reason === 'length') return 'length';
  return reason === 'content_filter' ? 'filtered' : 'stop';
}
