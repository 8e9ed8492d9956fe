export interface TellingWord {
  readonly word: string;
  /** Texts of the group that have the word. */
  readonly questions: number;
  /** Log-odds against the other texts, in standard deviations. */
  readonly z: number;
}

/** Letters in a row; a number tells an instance, not a kind of question. */
const WORD = /\p{L}(?:[\p{L}\p{M}]|['’](?=\p{L}))+/gu;

/** Texts that the prior weighs, spread over words as they occur in all texts together (chosen: a word of few texts needs proof). */
const PRIOR = 10;

/** A word is telling from here on: it stands out by more than chance at 95% would let it. */
const LEAST = 1.96;

/** Texts of a group that have a word, at least: a word of one text tells an instance (a name, say), not a kind. */
const LEAST_TEXTS = 2;

/** The different words of a text, in small letters. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(WORD) ?? []);
}

/**
 * The words that tell a group of texts from all others: log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008,
 * "Fightin' Words"), over the number of texts that have a word.
 *
 * @param texts - Words of every text.
 * @param group - Indices of the group.
 * @param least - Standard deviations from which on a word counts.
 * @returns At most `most`, the most telling first. None, if the group is all texts or one, or no word stands out.
 */
export function tellingWords(
  texts: readonly ReadonlySet<string>[],
  group: ReadonlySet<number>,
  most: number,
  least = LEAST,
): TellingWord[] {
  const own = new Map<string, number>();
  const all = new Map<string, number>();
  let [ownTotal, total] = [0, 0];
  for (const [at, words] of texts.entries()) {
    for (const word of words) {
      all.set(word, (all.get(word) ?? 0) + 1);
      total++;
      if (!group.has(at)) continue;
      own.set(word, (own.get(word) ?? 0) + 1);
      ownTotal++;
    }
  }
  const restTotal = total - ownTotal;
  if (restTotal === 0) return [];
  return [...own]
    .map(([word, questions]): TellingWord => {
      const count = all.get(word) as number;
      const prior = (PRIOR * count) / total;
      const [ours, theirs] = [questions + prior, count - questions + prior];
      const odds = Math.log(ours / (ownTotal + PRIOR - ours)) - Math.log(theirs / (restTotal + PRIOR - theirs));
      return { word, questions, z: odds / Math.sqrt(1 / ours + 1 / theirs) };
    })
    .filter(({ questions, z }) => questions >= LEAST_TEXTS && z >= least)
    .sort((left, right) => right.z - left.z || (left.word < right.word ? -1 : 1))
    .slice(0, most);
}
