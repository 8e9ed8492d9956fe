import { trailingSpace } from '../scoring/python-text.ts';

/** Tokens of a context, and those behind it whose probability is asked for. */
export interface EncodedPair {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/**
 * Divides a context and its continuation as lm-eval does (`_encode_pair`): spaces at the end of the context go to the continuation, both
 * are read together, and what comes after as many tokens as the context has by itself is the continuation.
 */
export async function encodePair(
  encode: (text: string) => Promise<readonly number[]>,
  context: string,
  continuation: string,
): Promise<EncodedPair> {
  const spaces = trailingSpace(context);
  const before = await encode(context.slice(0, context.length - spaces.length));
  const whole = await encode(context + continuation);
  return { before, behind: whole.slice(before.length) };
}
