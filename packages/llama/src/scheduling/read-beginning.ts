import { BATCH_TOKENS, type Model } from '../binding/model.ts';

/** Reads tokens with an adapter into a sequence that is empty. @returns What the cache then holds, to be put back later. */
export function readBeginning(
  model: Model,
  adapter: string | null,
  sequence: number,
  tokens: readonly number[],
): Uint8Array {
  model.useAdapter(adapter);
  for (let start = 0; start < tokens.length; start += BATCH_TOKENS) {
    const part = tokens.slice(start, start + BATCH_TOKENS);
    const entries = part.map((token, at) => ({ token, position: start + at, sequence, output: false }));
    model.decode(entries, false);
  }
  return model.saveSequence(sequence);
}
