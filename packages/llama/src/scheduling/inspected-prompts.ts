import type { Model } from '../binding/model.ts';
import type { Taken } from './sequence-pool.ts';

/** Most bytes of caches that are kept (chosen: some 30 questions of SmolLM2, 4 of an 8B model). */
const MOST_BYTES = 32 * 2 ** 20;

interface Inspected {
  /** As `cacheKey`. */
  readonly key: string;
  readonly tokens: readonly number[];
  readonly state: Uint8Array;
}

/**
 * What the cache held of prompts that were inspected, the newest ones. Where several requests come at once, a server inspects all of them
 * before the first is answered, and the spare sequence holds only the last.
 */
export class InspectedPrompts {
  readonly #model: Model;
  readonly #most: number;
  /** Oldest first. */
  #kept: Inspected[] = [];

  /** @param most - Prompts that are kept, however small. */
  constructor(model: Model, most: number) {
    this.#model = model;
    this.#most = most;
  }

  get bytes(): number {
    return this.#kept.reduce((sum, { state }) => sum + state.length, 0);
  }

  /** Keeps what a sequence holds: these tokens. A prompt that is inspected again takes no more room. */
  keep(key: string, tokens: readonly number[], sequence: number): void {
    this.#kept = this.#kept.filter((other) => !isOf(other, key, tokens));
    const room = MOST_BYTES - this.#model.sequenceBytes(sequence);
    if (room < 0) return;
    while (this.#kept.length >= this.#most || this.bytes > room) this.#kept.shift();
    this.#kept.push({ key, tokens, state: this.#model.saveSequence(sequence) });
  }

  /** Gives a request what was read of its prompt, where its sequence holds less; all but the last token, which it needs logits of. */
  share(taken: Taken, key: string, prompt: readonly number[]): Taken {
    const reused = prompt.length - 1;
    if (taken.reused >= reused) return taken;
    const before = prompt.slice(0, reused);
    const found = this.#kept.find((kept) => isOf(kept, key, prompt) || isOf(kept, key, before));
    if (!found) return taken;
    this.#model.clearSequence(taken.sequence);
    const whole =
      this.#model.restoreSequence(taken.sequence, found.state) &&
      (found.tokens.length === reused || this.#model.truncateSequence(taken.sequence, reused));
    if (whole) return { ...taken, reused };
    this.#model.clearSequence(taken.sequence);
    return { ...taken, reused: 0 };
  }
}

function isOf({ key, tokens }: Inspected, wanted: string, prompt: readonly number[]): boolean {
  return key === wanted && tokens.length === prompt.length && tokens.every((token, at) => prompt[at] === token);
}
