import type { FinalPiece } from '@cogumi/llama';

/**
 * Tokens of a request in OpenAI's shape.
 *
 * @param prompts - An end of each prompt. The choices of a request share one, except for a list of prompts.
 */
export function usage(finals: readonly FinalPiece[], prompts: readonly FinalPiece[] = finals.slice(0, 1)) {
  const promptTokens = sum(prompts.map((final) => final.promptTokens));
  const completionTokens = sum(finals.map((final) => final.completionTokens));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    // No token is hidden, and all are of text.
    prompt_tokens_details: { cached_tokens: sum(prompts.map((final) => final.cachedTokens)), audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

/** OpenAI's API has no finish reason for a cancelled answer. @param called - Whether the answer has calls. */
export function finishReason({ finishReason: reason }: FinalPiece, called = false): 'stop' | 'length' | 'tool_calls' {
  if (reason === 'length') return 'length';
  return called ? 'tool_calls' : 'stop';
}
