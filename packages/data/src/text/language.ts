import { COMMON_WORDS } from './common-words.ts';
import { LONG, type Words, wordSet } from './read-words.ts';

/** Result of a language identifier. */
export interface Identified {
  /** ISO 639-1; null if the language is not recognisable. */
  readonly language: string | null;
  /** Similarity to English, 0..1. */
  readonly english: number;
}
export type Identifier = (text: string) => Identified;

const COMMON = wordSet(COMMON_WORDS);
/**
 * Share of common words at which a text counts as English without an identifier: 97% of Alpaca's rows have it in the row or its question
 * (measured); its neighbours, which have "in", "so", "over" and "me" too, stay below 0.35 (`language.test.ts`).
 */
const SURELY_ENGLISH = 0.4;
/** A text with fewer long words has no recognisable language: a formula has `frac` and `sqrt` (chosen). */
const MIN_WORDS = 4;
/** Characters that the identifier reads: more cost time and do not change the result (chosen). */
const READ = 300;

/** Word counts that recognise English. */
interface WordCounts {
  /** Words that are not numbers. */
  readonly letters: number;
  /** Common English words among them. */
  readonly common: number;
  /** Long words among them. */
  readonly long: number;
  readonly ideographs: number;
}

export function countWords({ hashes, lengths, numbers, longNumbers, ideographs }: Words): WordCounts {
  let common = 0;
  let long = 0;
  for (let at = 0; at < hashes.length; at++) {
    if (COMMON.has(hashes[at] as number)) common++;
    if ((lengths[at] as number) >= LONG) long++;
  }
  return { letters: hashes.length - numbers, common, long: long - longNumbers, ideographs };
}

/** Sum of the counts of two texts. */
export const addCounts = (left: WordCounts, right: WordCounts): WordCounts => ({
  letters: left.letters + right.letters,
  common: left.common + right.common,
  long: left.long + right.long,
  ideographs: left.ideographs + right.ideographs,
});

/** Share (0..1) of words that are common English words; 0 without words. */
export const commonShare = ({ letters, common }: WordCounts): number => (letters === 0 ? 0 : common / letters);

/**
 * The language by word counts: English, null if no language is recognisable, or `unsure` if an identifier is needed.
 */
export function languageByWords(counts: WordCounts): 'en' | 'unsure' | null {
  if (counts.ideographs === 0 && counts.long < MIN_WORDS) return null;
  return commonShare(counts) >= SURELY_ENGLISH ? 'en' : 'unsure';
}

/**
 * Loads eld's smallest table: 0.2 s and 90 MB, so only if a text needs it. The larger tables differ on 1 of 10,000 rows of Alpaca
 * and cost two to six times as much (measured).
 *
 * @returns An identifier that takes 50 to 100 µs a text. Its `english` is not a probability: German has 0.5, Russian 0.
 */
export async function loadIdentifier(): Promise<Identifier> {
  const { eld } = await import('eld/extrasmall');
  return (text) => {
    const found = eld.detect(text.slice(0, READ));
    return {
      language: found.language !== '' && found.isReliable() ? found.language : null,
      english: found.getScores().en ?? 0,
    };
  };
}
