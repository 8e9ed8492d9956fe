import { statedAnswer, withoutMarks } from '@cogumi/pure';
import type { Extracted } from './extracted.ts';

export interface Choices {
  /** What may be named, each in the form that the checker takes. */
  readonly choices: readonly string[];
  /** The words by which a choice is known, where they are not its own: `beach` for `on the beach`. */
  readonly names?: ReadonlyMap<string, string>;
  /** A word of the question: where sentences disagree, those that have it decide. */
  readonly about?: string | null;
  /** The question: where sentences disagree, those that only repeat it do not count. */
  readonly question?: string;
}

/** What stands before the words that tell: "in a library" is known by "library", "it melts" by "melts". */
const UNTELLING = /^(?:(?:in|on|at|to|near|it|you) )?(?:(?:the|an?) )?/;
/** Sentences that draw a conclusion. */
const CONCLUDES = /^(?:so|therefore|thus|hence|finally|in conclusion|in the end)\b/;
/** Sentences that say what is not. */
const DENIES = /\bnot\b|n['’]t\b|\bneither\b|\bnever\b/;

/**
 * The one choice that an answer names: behind "the answer is", else in its sentences. Sentences that name several, or deny one, decide
 * nothing. Where the others disagree, those count that are about what was asked, then the last that concludes ("So …").
 */
export function extractChoice(
  answer: string,
  { choices, names, about = null, question = '' }: Choices,
): Extracted | null {
  const known = choices
    .map((choice) => ({ choice, words: (names?.get(choice) ?? choice).toLowerCase().replace(UNTELLING, '') }))
    .toSorted((one, other) => other.words.length - one.words.length);
  const stated = statedAnswer(answer);
  if (stated !== null) {
    const [first, ...others] = namedIn(stated.toLowerCase(), known);
    if (first !== undefined) return { text: others.length === 0 ? first : null, complete: true };
  }
  const sentences = answer
    .toLowerCase()
    .split(/\n|(?<=[.!?;])(?=\s)/)
    .map((sentence) => ({ sentence: sentence.trim(), found: DENIES.test(sentence) ? [] : namedIn(sentence, known) }))
    .filter(({ found }) => found.length > 0);
  if (sentences.length === 0) return null;
  const single = sentences.filter(({ found }) => found.length === 1);
  const repeated = question.toLowerCase();
  const said = single.filter(({ sentence }) => !repeated.includes(withoutMarks(sentence)));
  const asked = about === null ? [] : said.filter(({ sentence }) => hasWords(sentence, about.toLowerCase()));
  const concluding = said.filter(({ sentence }) => CONCLUDES.test(sentence)).slice(-1);
  for (const own of [single, asked, concluding]) {
    const different = [...new Set(own.map(({ found }) => found[0] as string))];
    if (different.length === 1) return { text: different[0] as string, complete: true };
  }
  return { text: null, complete: false };
}

/** The choices that a text names; of two that overlap the longer, which comes first in `known`. */
function namedIn(text: string, known: readonly { choice: string; words: string }[]): string[] {
  let rest = text;
  return known.flatMap(({ choice, words }) => {
    if (!hasWords(rest, words)) return [];
    rest = rest.replaceAll(words, '|');
    return [choice];
  });
}

function hasWords(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at !== -1 && words !== ''; at = text.indexOf(words, at + words.length)) {
    if (!/[\p{L}\p{N}]/u.test(`${text[at - 1] ?? ''}${text[at + words.length] ?? ''}`)) return true;
  }
  return false;
}
