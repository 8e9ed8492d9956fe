import type { GenerateRequest } from '../types/answers.ts';
import type { ListBeginning } from './list-beginning.ts';
import type { Sink } from './slot.ts';

/** A request that has no sequence yet. */
export interface Waiting {
  readonly owner: number;
  /** True: decode this request only together with requests of the same owner. */
  readonly exclusive: boolean;
  /** What the prompts of its list begin with; left out: it is read with each prompt. */
  readonly beginning?: ListBeginning;
  readonly request: GenerateRequest;
  readonly prompt: readonly number[];
  readonly sink: Sink;
}

/** Ends a request that was cancelled while it waited. */
export function endUnread({ prompt, sink }: Waiting): void {
  sink.end({
    kind: 'end',
    finishReason: 'cancelled',
    stopText: null,
    promptTokens: prompt.length,
    cachedTokens: 0,
    completionTokens: 0,
  });
}
