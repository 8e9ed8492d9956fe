import type { Model } from '../binding/model.ts';
import { readBeginning } from './read-beginning.ts';
import type { Taken } from './sequence-pool.ts';
import type { Waiting } from './waiting.ts';

/** A shorter beginning is read again: what it would save is less than the copy costs (chosen). */
const LEAST_TOKENS = 32;
/** Of a longer one the rest is read with each prompt (chosen): it bounds what is kept (8B model: 256 MiB). */
const MOST_TOKENS = 2048;

/**
 * What all prompts of a list begin with, such as worked examples: it is read once, and what the cache then held is put back for each prompt. So
 * the bits of an answer depend on its list alone, as they do without.
 */
export class ListBeginning {
  readonly #model: Model;
  readonly #tokens: readonly number[];
  /** What the cache holds of it with one adapter: a list mostly has one. */
  #read: { readonly adapter: string | null; readonly state: Uint8Array } | null = null;

  /** @param prompts - Of the whole list. */
  constructor(model: Model, prompts: readonly (readonly number[])[]) {
    this.#model = model;
    this.#tokens = prompts.length < 2 ? [] : commonBeginning(prompts);
  }

  /** Gives a request the beginning. */
  share(taken: Taken, { request: { adapter = null, adapterScale = 1 } }: Pick<Waiting, 'request'>): Taken {
    const reused = this.#tokens.length;
    if (adapterScale !== 1 || reused < LEAST_TOKENS) return taken;
    const { sequence } = taken;
    this.#model.clearSequence(sequence);
    const known = this.#read?.adapter === adapter && this.#model.restoreSequence(sequence, this.#read.state);
    if (!known) this.#read = { adapter, state: readBeginning(this.#model, adapter, sequence, this.#tokens) };
    return { sequence, reused };
  }
}

/** The last token of each prompt is left out: it has to be read for its logits. */
function commonBeginning([first = [], ...others]: readonly (readonly number[])[]): readonly number[] {
  const shortest = Math.min(first.length, ...others.map(({ length }) => length));
  const differs = first.findIndex((token, at) => others.some((prompt) => prompt[at] !== token));
  return first.slice(0, Math.min(MOST_TOKENS, shortest - 1, differs < 0 ? shortest : differs));
}
