import { COMMON_WORDS } from './common-words.ts';
import { LONG, type Words, wordSet } from './read-words.ts';

/** What a language identifier says of a text. */
export interface Identified {
  /** ISO 639-1; null where it cannot be told. */
  readonly language: string | null;
  /** How much it looks like English, 0..1. */
  readonly english: number;
}
export type Identifier = (text: string) => Identified;

const COMMON = wordSet(COMMON_WORDS);
/**
 * Share of common words from which on a text is English without asking: 97% of Alpaca's rows have it in the row or its question
 * (measured); its neighbours, which have "in", "so", "over" and "me" too, stay below 0.35 (`language.test.ts`).
 */
const SURELY_ENGLISH = 0.4;
/** Fewer long words than this say nothing about a language: a formula has `frac` and `sqrt`. */
const MIN_WORDS = 4;
/** Characters that the identifier reads: more cost time and change nothing. */
const READ = 300;

/** Counts that tell English from the rest. */
interface WordCounts {
  /** Words that are no numbers. */
  readonly letters: number;
  /** Of them, common English ones. */
  readonly common: number;
  /** Of them, long ones. */
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

/** Counts of two texts together. */
export const addCounts = (left: WordCounts, right: WordCounts): WordCounts => ({
  letters: left.letters + right.letters,
  common: left.common + right.common,
  long: left.long + right.long,
  ideographs: left.ideographs + right.ideographs,
});

/** Share (0..1) of the words that are among the most common English ones; 0 without words. */
export const commonShare = ({ letters, common }: WordCounts): number => (letters === 0 ? 0 : common / letters);

/**
 * The language as far as words alone tell it: English, null for what no language can be told of, or `unsure`: ask an
 * identifier.
 */
export function languageByWords(counts: WordCounts): 'en' | 'unsure' | null {
  if (counts.ideographs === 0 && counts.long < MIN_WORDS) return null;
  return commonShare(counts) >= SURELY_ENGLISH ? 'en' : 'unsure';
}

/**
 * Loads eld's smallest table: 0.2 s and 90 MB, so only when a text needs it. The larger tables differ on 1 of 10,000 rows
 * of Alpaca and cost two to six times as much.
 *
 * @returns An identifier, 50 to 100 µs a text. Its `english` is no probability: German has 0.5 of it, Russian 0.
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
