import { BATCH_TOKENS, type Model } from '../binding/model.ts';
import { noTokens, type PromptSums, readOn } from './prompt-sums.ts';
import { readBeginning } from './read-beginning.ts';
import type { Taken } from './sequence-pool.ts';
import type { Waiting } from './waiting.ts';

/** A pass over a single token may have other bits with other threads, so neither side of the cut is one. */
const LEAST_TOKENS = 2;

/** A shorter beginning is read again by answers: what it would save is less than the copy costs (chosen). */
const LEAST_SHARED = 8;
/** Adapters whose beginning is kept (chosen): each takes as much as the base's. */
const MOST_ADAPTERS = 8;

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
  /** What the cache holds of the beginning with an adapter; the one that was unused longest first. */
  readonly #states = new Map<string, Uint8Array>();
  #read: { readonly sums: PromptSums; readonly state: Uint8Array } | null = null;

  /** @param tokens - Of a long beginning as many as one pass takes count, which bounds what is kept of them (8B model: 64 MiB). */
  constructor(model: Model, tokens: readonly number[]) {
    this.#model = model;
    this.#tokens = tokens.slice(0, BATCH_TOKENS);
  }

  /** In tokens. */
  get length(): number {
    return this.#tokens.length;
  }

  /** Reads the beginning with the base before the first prompt comes. @param sequence - It is cleared. */
  prepare(sequence: number): void {
    const fits = this.#tokens.length < this.#model.info.contextTokens;
    if (fits && this.#tokens.length >= LEAST_TOKENS) this.#enter(sequence);
  }

  /** Puts the beginning of a prompt into a sequence, which is cleared first. @returns Its sums; none where the prompt begins otherwise. */
  enter(sequence: number, prompt: readonly number[]): PromptSums {
    this.#model.clearSequence(sequence);
    return this.#begins(prompt) ? this.#enter(sequence) : noTokens(this.#model);
  }

  #enter(sequence: number): PromptSums {
    this.#model.clearSequence(sequence);
    if (this.#read && this.#model.restoreSequence(sequence, this.#read.state)) return this.#read.sums;
    const sums = readOn(this.#model, sequence, this.#tokens, noTokens(this.#model));
    const kept = { ...sums, logits: sums.logits.slice() };
    this.#read = { sums: kept, state: this.#model.saveSequence(sequence) };
    return kept;
  }

  /**
   * Gives a request the beginning where its sequence holds less. It holds nothing of any user, so it is shared by all salts.
   */
  share(taken: Taken, { prompt, request }: Pick<Waiting, 'prompt' | 'request'>): Taken {
    const { adapter = null, adapterScale = 1 } = request;
    const reused = this.#tokens.length;
    if (adapterScale !== 1 || reused < LEAST_SHARED || taken.reused >= reused) return taken;
    if (!this.#begins(prompt)) return taken;
    if (adapter === null) this.enter(taken.sequence, prompt);
    else this.#enterWith(adapter, taken.sequence);
    return { ...taken, reused };
  }

  #enterWith(adapter: string, sequence: number): void {
    this.#model.clearSequence(sequence);
    let state = this.#states.get(adapter);
    this.#states.delete(adapter);
    if (!state || !this.#model.restoreSequence(sequence, state)) {
      state = readBeginning(this.#model, adapter, sequence, this.#tokens);
    }
    this.#states.set(adapter, state);
    const [oldest] = this.#states.keys();
    if (this.#states.size > MOST_ADAPTERS) this.#states.delete(oldest as string);
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
