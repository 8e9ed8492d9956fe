import { asArrayElement, lowerInArray } from './python-text.ts';

/** What is removed from both texts before they are compared, in this order. */
export interface ExactMatchOptions {
  /** lm-eval's `regexes_to_ignore`; each with the flag `g`. */
  readonly ignore?: readonly RegExp[];
  readonly ignoreCase?: boolean;
  /** Removes the punctuation of ASCII. */
  readonly ignorePunctuation?: boolean;
}

const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** lm-eval's metric `exact_match` of one item (`exact_match_hf_evaluate`, lm-eval 0.4): whether both texts are equal. */
export function exactMatch(prediction: string, reference: string, options: ExactMatchOptions = {}): boolean {
  return prepare(prediction, options) === prepare(reference, options);
}

function prepare(
  text: string,
  { ignore = [], ignoreCase = false, ignorePunctuation = false }: ExactMatchOptions,
): string {
  let prepared = ignore.reduce((left, regex) => asArrayElement(left.replace(regex, '')), text);
  prepared = asArrayElement(prepared);
  if (ignoreCase) prepared = lowerInArray(prepared);
  return ignorePunctuation ? asArrayElement(prepared.replace(PUNCTUATION, '')) : prepared;
}
