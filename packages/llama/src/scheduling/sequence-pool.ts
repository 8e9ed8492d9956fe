/** What the cache of a free sequence still holds: tokens that one adapter has read. */
export interface Kept {
  /** As `adapterKey`. */
  readonly adapter: string | null;
  readonly tokens: readonly number[];
}

interface Free {
  readonly sequence: number;
  readonly kept: Kept | null;
}

/** A sequence for a request, and how many tokens at the beginning of its prompt are in the cache already. */
export interface Taken {
  readonly sequence: number;
  readonly reused: number;
}

/**
 * Free sequences, with what their caches hold: the next turn of a conversation, or another question after the same system prompt,
 * need not read it again. Memory is bounded by the number of sequences, which exist anyway.
 *
 * One sequence is a spare: no request has it, so that a prompt can be inspected at any time. If a request then asks for the
 * inspected prompt itself, it takes the spare, and the sequence that it would have taken is the spare from then on.
 */
export class SequencePool {
  /** Longest unused first. */
  #free: Free[];
  #spare: Free;

  constructor(sequences: number) {
    this.#free = Array.from({ length: sequences }, (_, sequence) => ({ sequence, kept: null }));
    this.#spare = { sequence: sequences, kept: null };
  }

  get size(): number {
    return this.#free.length;
  }

  /**
   * Takes the sequence that saves most. Another conversation's cache is given up for a common beginning only if that is the larger part
   * of what it holds; a sequence that holds nothing, then the longest unused one, come before that.
   *
   * @throws RangeError when none is free.
   */
  take(prompt: readonly number[], adapter: string | null): Taken {
    const offers = [...this.#free, this.#spare].map((free) => ({
      free,
      reused: commonLength(free.kept, prompt, adapter),
    }));
    const fitting = offers.filter(({ free, reused }) => reused > 0 && 2 * reused >= (free.kept?.tokens.length ?? 0));
    const longest = Math.max(0, ...fitting.map(({ reused }) => reused));
    const oldest = this.#free.find(({ kept }) => kept === null) ?? this.#free[0];
    if (!oldest) throw new RangeError('every sequence is in use');
    const chosen = fitting.find(({ reused }) => reused === longest) ?? offers.find(({ free }) => free === oldest)!;
    const given = chosen.free === this.#spare ? oldest : chosen.free;
    this.#free = this.#free.filter((free) => free !== given);
    if (chosen.free === this.#spare) this.#spare = oldest;
    return { sequence: chosen.free.sequence, reused: chosen.reused };
  }

  /** @param kept - null: its cache was cleared. */
  release(sequence: number, kept: Kept | null): void {
    const free = { sequence, kept: kept && kept.tokens.length > 0 ? kept : null };
    this.#free.push(free);
    // Sequences that hold nothing are taken in the order of their numbers: lists must not depend on what ran before.
    const empty = this.#free.filter(({ kept: held }) => held === null);
    const full = this.#free.filter(({ kept: held }) => held !== null);
    this.#free = [...empty.sort((left, right) => left.sequence - right.sequence), ...full];
  }

  /** The spare sequence, for a caller that clears it before it reads something. */
  takeSpare(): number {
    this.#spare = { ...this.#spare, kept: null };
    return this.#spare.sequence;
  }

  /** What the spare holds since it was taken. */
  keepSpare(kept: Kept): void {
    this.#spare = { ...this.#spare, kept };
  }

  /** All caches were cleared. */
  forget(): void {
    this.takeSpare();
    for (const { sequence } of this.#free.splice(0)) this.release(sequence, null);
  }
}

/** Tokens that need not be read again: the last one of a prompt must be, for its logits. */
function commonLength(kept: Kept | null, prompt: readonly number[], adapter: string | null): number {
  if (kept === null || kept.adapter !== adapter) return 0;
  const most = Math.min(kept.tokens.length, prompt.length - 1);
  for (let at = 0; at < most; at++) if (kept.tokens[at] !== prompt[at]) return at;
  return most;
}
