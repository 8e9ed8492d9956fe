import type { Model } from '../binding/model.ts';
import type { Inspection } from '../types/answers.ts';
import { cacheKey } from './adapter-key.ts';
import { inspectPrompt, promptLogits } from './inspect-prompt.ts';
import { InspectedPrompts } from './inspected-prompts.ts';
import { InspectionMemo } from './inspection-memo.ts';
import { layerMeans } from './layer-means.ts';
import { PromptBeginning } from './prompt-beginning.ts';
import { readsWhole } from './prompt-echo.ts';
import { type Kept, SequencePool, type Taken } from './sequence-pool.ts';
import { sharedLogits } from './shared-logits.ts';
import type { Waiting } from './waiting.ts';

/**
 * Inspected prompts that are kept for each sequence (chosen): a server inspects prompts for all sequences and one request more, and those
 * that are then answered by an adapter stay unused.
 */
const INSPECTED_PER_SEQUENCE = 2;

/** Which logits of a prompt are read. */
export interface LogitsRequest {
  /** null: the base without an adapter. */
  readonly adapter: string | null;
  /** The first token whose logits are read. */
  readonly from: number;
  /** Whether the next prompt that begins alike need not read its beginning again (`sharedLogits`). */
  readonly shared: boolean;
}

/** Whether the base reads a prompt to its end after the layers that were asked for. */
export interface ReadOn {
  /** As for `PromptCache.inspect`. */
  readonly cacheSalt: string | undefined | null;
  /** As for `layerMeans`. */
  goesOn(means: readonly Float32Array[]): boolean;
}

/**
 * The sequences of a context, and what has been read of prompts: a request reads only what is not found in its sequence, among the
 * prompts that were inspected, or in the beginning that all chats have.
 */
export class PromptCache {
  readonly #model: Model;
  readonly #pool: SequencePool;
  readonly #beginning: PromptBeginning;
  readonly #inspected: InspectedPrompts;
  readonly #memo = new InspectionMemo<Inspection>();
  readonly #layers = new InspectionMemo<readonly Float32Array[]>();

  /** @param beginning - Tokens that prompts begin with. */
  constructor(model: Model, sequences: number, beginning: readonly number[]) {
    this.#model = model;
    this.#pool = new SequencePool(sequences);
    this.#beginning = new PromptBeginning(model, beginning);
    this.#inspected = new InspectedPrompts(model, INSPECTED_PER_SEQUENCE * sequences);
  }

  /** Number of free sequences. */
  get free(): number {
    return this.#pool.size;
  }

  /** @param cacheSalt - A request of the same salt for the same prompt then finds it; null: none does. */
  inspect(tokens: readonly number[], cacheSalt: string | undefined | null): Inspection {
    const read = () => inspectPrompt(this.#model, this.#pool.takeSpare(), tokens, this.#beginning);
    if (cacheSalt === null) return read();
    const key = cacheKey({ ...(cacheSalt !== undefined && { cacheSalt }) });
    const known = this.#memo.find(key, tokens);
    if (known) return known;
    const inspection = read();
    this.#memo.keep(key, tokens, inspection);
    this.#inspected.keep(key, tokens, this.#pool.keepSpare({ key, tokens }));
    return inspection;
  }

  /** What layers make of a prompt, in their order. Where the base reads on, an answer of the same salt reads only the last token. */
  layerMeans(
    tokens: readonly number[],
    layers: readonly number[],
    { cacheSalt, goesOn }: ReadOn,
  ): readonly Float32Array[] {
    const key = cacheSalt === null ? null : cacheKey({ ...(cacheSalt !== undefined && { cacheSalt }) });
    const known = key === null ? null : this.#layers.find(`${key} ${layers}`, tokens);
    if (known) return known;
    const { means, held } = layerMeans(this.#model, this.#pool.takeSpare(), tokens, {
      layers,
      beginning: this.#beginning,
      goesOn: (read) => key !== null && goesOn(read),
    });
    if (key === null) return means;
    this.#layers.keep(`${key} ${layers}`, tokens, means);
    if (held) {
      const read = tokens.slice(0, -1);
      this.#inspected.keep(key, read, this.#pool.keepSpare({ key, tokens: read }));
    }
    return means;
  }

  logits(tokens: readonly number[], { adapter, from, shared }: LogitsRequest): Float32Array {
    if (!shared) {
      return promptLogits(this.#model, this.takeSpare(), tokens, { adapter, from, beginning: this.#beginning });
    }
    // No request has this key, and so none takes the sequence for what it holds.
    const key = `logits ${adapter ?? ''}`;
    const held = this.#pool.spareTokens(key);
    const sequence = this.takeSpare();
    const read = sharedLogits(this.#model, sequence, tokens, { adapter, from, held });
    this.#pool.keepSpare({ key, tokens: read.held });
    return read.logits;
  }

  /** Reads what all chats begin with before one comes. */
  prepare(): void {
    this.#beginning.prepare(this.takeSpare());
  }

  /** A sequence that no request uses, for a caller that clears it first. */
  takeSpare(): number {
    return this.#pool.takeSpare();
  }

  /** A sequence whose cache ends where the prompt goes on. */
  take({ prompt, request }: Waiting): Taken {
    // No sequence has been read under the empty key.
    const { sequence, reused } = this.#pool.take(prompt, readsWhole(request) ? '' : cacheKey(request));
    if (reused > 0 && this.#model.truncateSequence(sequence, reused)) return { sequence, reused };
    this.#model.clearSequence(sequence);
    return { sequence, reused: 0 };
  }

  /** Adds to a taken sequence what is known of its prompt. A list finds nothing but its own beginning. */
  fill(taken: Taken, waiting: Waiting): Taken {
    const { exclusive, beginning, prompt, request } = waiting;
    if (readsWhole(request)) return taken;
    if (exclusive) return beginning?.share(taken, waiting) ?? taken;
    return this.#beginning.share(this.#inspected.share(taken, cacheKey(request), prompt), waiting);
  }

  release(sequence: number, kept: Kept): void {
    this.#pool.release(sequence, kept);
  }

  clear(sequence: number): void {
    this.#model.clearSequence(sequence);
    this.#pool.release(sequence, null);
  }

  /** The next passes give the same bits as in a new process. */
  clearAll(): void {
    this.#model.clearAll();
    this.#pool.forget();
  }
}
