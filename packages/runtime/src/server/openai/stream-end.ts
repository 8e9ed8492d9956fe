import type { FinalPiece } from '@cogumi/llama';
import { usage } from './usage.ts';

/**
 * The last events of a stream of chunks. Usage comes in a chunk of its own without choices: clients would count it twice on one with
 * a choice.
 *
 * @param chunk - What every chunk of the stream has.
 */
export function streamEnd(chunk: object, finals: readonly FinalPiece[], includeUsage: boolean) {
  const last = { data: { ...chunk, choices: [], usage: usage(finals) } };
  return [...(includeUsage ? [last] : []), { data: '[DONE]' }];
}
