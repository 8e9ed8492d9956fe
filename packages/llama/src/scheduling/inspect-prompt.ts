import { BATCH_TOKENS, type Model } from '../binding/model.ts';
import type { Inspection } from '../types/answers.ts';
import { checkPrompt } from './check-prompt.ts';
import type { PromptBeginning } from './prompt-beginning.ts';
import { readOn } from './prompt-sums.ts';
import { readLogits } from './read-logits.ts';

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

interface LogitsOptions {
  readonly adapter: string | null;
  readonly from: number;
  readonly beginning: PromptBeginning;
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
  { adapter, from, beginning }: LogitsOptions,
): Float32Array {
  checkPrompt(model.info, tokens, 0);
  let start = 0;
  if (adapter === null && from >= beginning.length) start = beginning.enter(sequence, tokens).tokens;
  else model.clearSequence(sequence);
  model.useAdapter(adapter);
  return readLogits(model, sequence, tokens, { start, from, ends: endsOf(start, from, BATCH_TOKENS) });
}

/** Where passes end that read at most so many tokens each. */
function endsOf(start: number, from: number, most: number): number[] {
  const passes = Math.max(0, Math.ceil((from - start) / most));
  return Array.from({ length: passes }, (_, pass) => Math.min(from, start + (pass + 1) * most));
}
