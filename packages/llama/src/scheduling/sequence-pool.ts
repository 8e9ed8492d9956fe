/** What the cache of a free sequence still holds: tokens that one adapter has read. */
export interface Kept {
  /** As `cacheKey`. */
  readonly key: string;
  readonly tokens: readonly number[];
}

/**
 * llama.cpp decodes sequences in one go only if their numbers follow one another: at every gap it starts again, over all weights
 * (measured, SmolLM2, one thread: 8 answers side by side take 95 ms a pass, every second sequence 640 ms). Over an answer of a hundred
 * tokens that costs as much as reading so many tokens of a prompt (chosen).
 */
const GAP_TOKENS = 512;

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
 * inspected prompt itself, it takes the spare, and the outermost free sequence is the spare from then on.
 */
export class SequencePool {
  /** Longest unused first. */
  #free: Free[];
  #spare: Free;
  readonly #used = new Set<number>();
  readonly #last: number;

  constructor(sequences: number) {
    this.#free = Array.from({ length: sequences }, (_, sequence) => ({ sequence, kept: null }));
    this.#spare = { sequence: sequences, kept: null };
    this.#last = sequences;
  }

  get size(): number {
    return this.#free.length;
  }

  /**
   * Takes the sequence that saves most tokens: those of the prompt that it has read, less those of another conversation that are given up,
   * which count the more the later it was used, and less what a gap between the sequences in use costs.
   *
   * @throws RangeError when none is free.
   */
  take(prompt: readonly number[], key: string): Taken {
    if (this.#free.length === 0) throw new RangeError('every sequence is in use');
    const offer = (free: Free, recency: number) => {
      const reused = commonLength(free.kept, prompt, key);
      const lost = ((free.kept?.tokens.length ?? 0) - reused) * recency;
      return { free, reused, saved: reused - lost - GAP_TOKENS * this.#gaps(free.sequence) };
    };
    // The spare is for prompts that are inspected: only such a prompt itself may take it.
    const spare = [offer(this.#spare, 0)].filter(({ reused }) => reused > 0);
    const offers = [...spare, ...this.#free.map((free, at) => offer(free, at / this.#free.length))];
    const most = Math.max(...offers.map(({ saved }) => saved));
    const chosen = offers.find(({ saved }) => saved === most)!;
    const given = chosen.free === this.#spare ? this.#outermost() : chosen.free;
    this.#free = this.#free.filter((free) => free !== given);
    if (chosen.free === this.#spare) this.#spare = given;
    this.#used.add(chosen.free.sequence);
    return { sequence: chosen.free.sequence, reused: chosen.reused };
  }

  /** @param kept - null: its cache was cleared. */
  release(sequence: number, kept: Kept | null): void {
    this.#used.delete(sequence);
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

  /** What the spare holds by a key; none where another key left something there. */
  spareTokens(key: string): readonly number[] {
    const { kept } = this.#spare;
    return kept?.key === key ? kept.tokens : [];
  }

  /** What the spare holds since it was taken. @returns The spare. */
  keepSpare(kept: Kept): number {
    this.#spare = { ...this.#spare, kept };
    return this.#spare.sequence;
  }

  /** Gaps between the sequences in use that one more would make: −1 if it closes one. */
  #gaps(sequence: number): number {
    if (this.#used.size === 0) return 0;
    return 1 - Number(this.#used.has(sequence - 1)) - Number(this.#used.has(sequence + 1));
  }

  /** The free sequence that is nearest to an end: as the spare it makes no gap where all others are in use. */
  #outermost(): Free {
    const inside = ({ sequence }: Free) => Math.min(sequence, this.#last - sequence);
    return this.#free.toSorted((left, right) => inside(left) - inside(right))[0] as Free;
  }

  /** All caches were cleared. */
  forget(): void {
    this.takeSpare();
    for (const { sequence } of this.#free.splice(0)) this.release(sequence, null);
  }
}

/** Tokens that need not be read again: the last one of a prompt must be, for its logits. */
function commonLength(kept: Kept | null, prompt: readonly number[], key: string): number {
  if (kept === null || kept.key !== key) return 0;
  const most = Math.min(kept.tokens.length, prompt.length - 1);
  for (let at = 0; at < most; at++) if (kept.tokens[at] !== prompt[at]) return at;
  return most;
}
