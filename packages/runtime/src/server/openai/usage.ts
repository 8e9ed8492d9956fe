import type { FinalPiece } from '@cogumi/llama';

/** Tokens of a request in OpenAI's shape. The choices of a request share one prompt. */
export function usage(finals: readonly FinalPiece[]) {
  const promptTokens = finals[0]?.promptTokens ?? 0;
  const completionTokens = finals.reduce((sum, final) => sum + final.completionTokens, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    // No token is hidden, and all are of text.
    prompt_tokens_details: { cached_tokens: finals[0]?.cachedTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** OpenAI's API has no finish reason for a cancelled answer. @param called - Whether the answer has calls. */
export function finishReason({ finishReason: reason }: FinalPiece, called = false): 'stop' | 'length' | 'tool_calls' {
  if (reason === 'length') return 'length';
  return called ? 'tool_calls' : 'stop';
}
