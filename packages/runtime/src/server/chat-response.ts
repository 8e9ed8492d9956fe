import type { FinalPiece } from '@cogumi/llama';

/** Fields that are equal in all chunks of one answer. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

export function completion(head: AnswerHead, content: string, final: FinalPiece) {
  return {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: finishReason(final),
      },
    ],
    usage: usage(final),
  };
}

/** A chunk of text. @param first - True: include the role. */
export function textChunk(head: AnswerHead, content: string, first: boolean) {
  return chunk(head, first ? { role: 'assistant', content } : { content }, null);
}

export function finalChunk(head: AnswerHead, final: FinalPiece) {
  return chunk(head, {}, finishReason(final));
}

/** Usage in a separate chunk without choices: clients would count it twice on a chunk with a choice. */
export function usageChunk(head: AnswerHead, final: FinalPiece) {
  return { ...head, object: 'chat.completion.chunk', choices: [], usage: usage(final) };
}

function chunk(head: AnswerHead, delta: { role?: string; content?: string }, finish_reason: string | null) {
  return { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason }] };
}

function usage({ promptTokens, completionTokens }: FinalPiece) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** OpenAI's API has no finish reason for a cancelled answer. */
function finishReason({ finishReason: reason }: FinalPiece): string {
  return reason === 'cancelled' ? 'stop' : reason;
}
