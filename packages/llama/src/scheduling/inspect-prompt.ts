import { BATCH_TOKENS, type Model, OUTPUT_TOKENS } from '../binding/model.ts';
import type { Inspection } from '../types.ts';
import { checkPrompt } from './check-prompt.ts';
import type { PromptBeginning } from './prompt-beginning.ts';
import { readOn } from './prompt-sums.ts';

/**
 * Perplexity and hidden states of a prompt, from the base (without an adapter). Each prompt is decoded by itself, and cut at the same
 * place whatever was read before, so that a router gets bit-equal features in training and in serving.
 *
 * @param sequence - It is cleared first, and holds the prompt afterwards.
 */
export function inspectPrompt(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  beginning: PromptBeginning,
): Inspection {
  checkPrompt(model.info, tokens, 0);
  const { hidden, loss, last } = readOn(model, sequence, tokens, beginning.enter(sequence, tokens));
  return {
    tokens: tokens.length,
    perplexity: tokens.length < 2 ? 1 : Math.exp(loss / (tokens.length - 1)),
    mean: Float32Array.from(hidden, (sum) => sum / tokens.length),
    last,
  };
}

/**
 * Logits of the tokens from `from` on, shape [tokens, vocabulary], row-major. The beginning that all chats have is not read again where the
 * base's logits behind it are asked for.
 *
 * @param sequence - As for `inspectPrompt`.
 */
export function promptLogits(
  model: Model,
  sequence: number,
  tokens: readonly number[],
  { adapter, from, beginning }: { adapter: string | null; from: number; beginning: PromptBeginning },
): Float32Array {
  const { vocabularySize } = model.info;
  const all = new Float32Array(Math.max(0, tokens.length - from) * vocabularySize);
  checkPrompt(model.info, tokens, 0);
  let start = 0;
  if (adapter === null && from >= beginning.length) start = beginning.enter(sequence, tokens).tokens;
  else model.clearSequence(sequence);
  model.useAdapter(adapter);
  while (start < tokens.length) {
    const output = start >= from;
    const part = tokens.slice(start, start + (output ? OUTPUT_TOKENS : Math.min(BATCH_TOKENS, from - start)));
    model.decode(
      part.map((token, at) => ({ token, position: start + at, sequence, output })),
      false,
    );
    for (const place of output ? part.keys() : []) {
      all.set(model.logits(place), (start + place - from) * vocabularySize);
    }
    start += part.length;
  }
  return all;
}
