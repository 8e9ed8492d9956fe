import type { usage } from './usage.ts';

/**
 * The last events of a stream of chunks. Usage comes in a chunk of its own without choices: clients would count it twice on one with
 * a choice.
 *
 * @param chunk - What every chunk of the stream has.
 */
export function streamEnd(chunk: object, counts: ReturnType<typeof usage>, includeUsage: boolean) {
  const last = { data: { ...chunk, choices: [], usage: counts } };
  return [...(includeUsage ? [last] : []), { data: '[DONE]' }];
}
