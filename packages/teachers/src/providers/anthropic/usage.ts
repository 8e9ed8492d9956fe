import type { ChatReply, Usage } from '../../provider.ts';
import { asRecord } from '../http/error-body.ts';
import { count } from '../http/token-count.ts';

/**
 * `usage` of a message. Anthropic counts three kinds of input apart: plain, written to the cache, read from it; ours is
 * their sum.
 *
 * @param earlier - Usage of the same stream so far: `message_delta` leaves away what has not changed.
 * @returns null when a count is missing: such a reply counts at its worst case.
 */
export function anthropicUsage(value: unknown, earlier: Usage | null = null): Usage | null {
  const usage = asRecord(value);
  const plainBefore = earlier && earlier.inputTokens - earlier.cacheReadTokens - earlier.cacheWriteTokens;
  const plain = count(usage.input_tokens) ?? plainBefore;
  const cacheWriteTokens = count(usage.cache_creation_input_tokens) ?? earlier?.cacheWriteTokens ?? 0;
  const cacheReadTokens = count(usage.cache_read_input_tokens) ?? earlier?.cacheReadTokens ?? 0;
  const outputTokens = count(usage.output_tokens) ?? earlier?.outputTokens ?? null;
  if (plain === null || outputTokens === null) return null;
  return { inputTokens: plain + cacheWriteTokens + cacheReadTokens, cacheReadTokens, cacheWriteTokens, outputTokens };
}

/** What `stop_reason` means; reasons that are not known here end a reply like any other. */
export function anthropicFinish(reason: string): ChatReply['finish'] {
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'filtered' : 'stop';
}
