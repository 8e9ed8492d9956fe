import { type Model, OUTPUT_TOKENS } from '../binding/model.ts';

export interface ReadLogits {
  /** Tokens that the sequence holds. */
  readonly start: number;
  /** The first token whose logits are read. */
  readonly from: number;
  /** Where passes end, ascending; behind the last of them a pass has as many tokens as may have logits. */
  readonly ends: readonly number[];
}

/** Reads a prompt from `start` on. @returns Logits of the tokens from `from` on, shape [tokens, vocabulary], row-major. */
export function readLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { start: first, from, ends }: ReadLogits,
): Float32Array {
  const { vocabularySize } = model.info;
  const all = new Float32Array(Math.max(0, tokens.length - from) * vocabularySize);
  let start = first;
  while (start < tokens.length) {
    const end = ends.find((place) => place > start) ?? Math.max(start, from) + OUTPUT_TOKENS;
    const part = tokens.slice(start, end);
    model.decode(
      part.map((token, at) => ({ token, position: start + at, sequence, output: start + at >= from })),
      false,
    );
    for (let place = Math.max(start, from); place < start + part.length; place++) {
      all.set(model.logits(place - start), (place - from) * vocabularySize);
    }
    start += part.length;
  }
  return all;
}
