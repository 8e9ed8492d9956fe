import { BATCH_TOKENS, type Model } from '../binding/model.ts';
import { noTokens, type PromptSums, readOn } from './prompt-sums.ts';

/** A pass over a single token may have other bits with other threads, so neither side of the cut is one. */
const LEAST_TOKENS = 2;

/**
 * The beginning that prompts have in common (`templateBeginning`): the base reads it once, and what the cache then held is put back for
 * each prompt.
 *
 * Rounding depends on how many tokens are decoded together. So a prompt is cut here always, whether its beginning has been read
 * before or not, and what is measured of a prompt depends on that prompt alone.
 */
export class PromptBeginning {
  readonly #model: Model;
  readonly #tokens: readonly number[];
  #read: { readonly sums: PromptSums; readonly state: Uint8Array } | null = null;

  /** @param tokens - Of a long beginning as many as one pass takes count, which bounds what is kept of them (8B model: 64 MiB). */
  constructor(model: Model, tokens: readonly number[]) {
    this.#model = model;
    this.#tokens = tokens.slice(0, BATCH_TOKENS);
  }

  /** Puts the beginning of a prompt into a sequence, which is cleared first. @returns Its sums; none where the prompt begins otherwise. */
  enter(sequence: number, prompt: readonly number[]): PromptSums {
    this.#model.clearSequence(sequence);
    if (!this.#begins(prompt)) return noTokens(this.#model);
    if (this.#read && this.#model.restoreSequence(sequence, this.#read.state)) return this.#read.sums;
    const sums = readOn(this.#model, sequence, this.#tokens, noTokens(this.#model));
    this.#read = { sums, state: this.#model.saveSequence(sequence) };
    return sums;
  }

  #begins(prompt: readonly number[]): boolean {
    const length = this.#tokens.length;
    return (
      length >= LEAST_TOKENS &&
      prompt.length >= length + LEAST_TOKENS &&
      this.#tokens.every((token, at) => prompt[at] === token)
    );
  }
}
