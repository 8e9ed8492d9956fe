/** Drafts of these lengths are weighed: with the token before them, or in a part of their own, they fill passes of 4, 8, 12 and 16. */
const LENGTHS = [1, 3, 4, 5, 7, 8, 11, 12, 15];
/** Longest draft. */
export const MOST_DRAFTED = 15;
/** Drafts have to make so much more of the tokens per second: times are measured with noise, and of many plans the best looks too good (chosen). */
const LEAST_GAIN = 0.15;

/** A running answer. */
export interface Candidate {
  readonly sequence: number;
  /** Drafted tokens on offer; 0: none. */
  readonly offered: number;
  /** Probability that a drafted token is accepted if those before it were. */
  readonly rate: number;
}

export interface Costs {
  /** Milliseconds of a pass over so many tokens. */
  passMs(tokens: number): number;
  /** Milliseconds that it takes to draft so many tokens for each candidate. */
  draftMs(lengths: readonly number[]): number;
}

/**
 * How many drafted tokens of each answer the next pass tries, so that all answers together make the most tokens per second. With many
 * running answers a draft has to pay for the time that all others wait.
 *
 * @param candidates - Sorted by sequence.
 * @param most - Drafted tokens that the pass has room for.
 * @returns A number for each candidate.
 */
export function planDrafts(candidates: readonly Candidate[], costs: Costs, most: number): number[] {
  const none = candidates.map(() => 0);
  const likely = [...candidates.keys()]
    .filter((at) => candidates[at]!.offered > 0)
    .sort((left, right) => candidates[right]!.rate - candidates[left]!.rate);
  let best = { lengths: none, speed: speedOf(candidates, none, costs) * (1 + LEAST_GAIN) };
  for (const count of counts(likely.length)) {
    const chosen = new Set(likely.slice(0, count));
    for (const length of LENGTHS) {
      const lengths = candidates.map(({ offered }, at) => (chosen.has(at) ? Math.min(length, offered) : 0));
      if (sumOf(lengths) > most) break;
      const speed = speedOf(candidates, lengths, costs);
      if (speed > best.speed) best = { lengths, speed };
    }
  }
  return best.lengths;
}

/** Tokens that a pass yields for an answer: the model's own, and drafted ones up to the first that is refused. */
export function expectedTokens(rate: number, drafted: number): number {
  return rate >= 1 ? 1 + drafted : (1 - rate ** (drafted + 1)) / (1 - rate);
}

/** Tokens per millisecond. */
function speedOf(candidates: readonly Candidate[], lengths: readonly number[], costs: Costs): number {
  const tokens = sumOf(candidates.map(({ rate }, at) => expectedTokens(rate, lengths[at] as number)));
  const passes = partSizes(candidates.map(({ sequence }, at) => ({ sequence, tokens: 1 + (lengths[at] as number) })));
  return tokens / (sumOf(passes.map((size) => costs.passMs(size))) + costs.draftMs(lengths));
}

/** Numbers of answers that are weighed: 1, 2, 4, …, all. */
function counts(all: number): number[] {
  const powers = [1, 2, 4, 8, 16, 32, 64].filter((count) => count < all);
  return all === 0 ? [] : [...powers, all];
}

/** Tokens of the parts in which llama.cpp computes a pass (`equalParts`): an answer with a draft beside one without takes two. */
function partSizes(rows: readonly { readonly sequence: number; readonly tokens: number }[]): number[] {
  const sizes: number[] = [];
  let waiting = rows;
  while (waiting.length > 0) {
    const first = waiting[0]!.sequence;
    const beside = waiting.filter(({ sequence }, at) => sequence === first + at).length;
    const least = Math.min(...waiting.slice(0, beside).map(({ tokens }) => tokens));
    sizes.push(least * beside);
    waiting = waiting
      .map(({ sequence, tokens }, at) => ({ sequence, tokens: at < beside ? tokens - least : tokens }))
      .filter(({ tokens }) => tokens > 0);
  }
  return sizes;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
