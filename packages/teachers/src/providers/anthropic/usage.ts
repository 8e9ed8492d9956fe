import type { ChatReply, Usage } from '../../provider.ts';
import { asRecord } from '../http/error-body.ts';
import { count } from '../http/token-count.ts';

/**
 * `usage` of a message. Anthropic counts plain input, cache writes and cache reads separately; `inputTokens` is their sum.
 *
 * @param earlier - Usage of the same stream so far: `message_delta` omits unchanged counts.
 * @returns null when a count is missing; the ledger then charges the worst case.
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

/** The meaning of `stop_reason`; an unknown reason counts as a normal end. */
export function anthropicFinish(reason: string): ChatReply['finish'] {
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'filtered' : 'stop';
}
