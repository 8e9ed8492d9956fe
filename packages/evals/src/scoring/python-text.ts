// lm-eval is written in Python, and some of its scores depend on how Python and NumPy treat characters. JavaScript differs there.

/** What `str.strip` removes and `\s` of a regular expression matches. Unlike JavaScript's: U+001C to U+001F and U+0085, but not U+FEFF. */
export const PYTHON_SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const SPACE = new RegExp(`^[${PYTHON_SPACE}]`);
const START = new RegExp(`^[${PYTHON_SPACE}]+`);

export const isSpace = (sign: string | undefined) => sign !== undefined && SPACE.test(sign);

/** `str.strip()`. */
export function strip(text: string): string {
  return withoutEnd(text.replace(START, ''), isSpace);
}

/** What `str.rstrip` removes. */
export function trailingSpace(text: string): string {
  return text.slice(withoutEnd(text, isSpace).length);
}

/** A text up to the signs at its end that belong. A regular expression would try each such sign in the text anew, in quadratic time. */
export function withoutEnd(text: string, belongs: (sign: string | undefined) => boolean): string {
  let end = text.length;
  while (belongs(text[end - 1])) end--;
  return text.slice(0, end);
}

/** The characters that a word is made of: those of `\w`. JavaScript's are ASCII only. */
const WORD = '[\\p{L}\\p{N}_]';

/** `\b`: between a character of a word and one that is none. */
export const WORD_BOUNDARY = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;

/** `$` of a regular expression without flags: also before a line break at the end. */
export const TEXT_END = '(?=\\n?$)';

/** What is left of a text as an element of a NumPy array: without NUL characters at its end. */
export function asArrayElement(text: string): string {
  return withoutEnd(text, (sign) => sign === '\0');
}

/** `numpy.char.lower` of one text: the array keeps its width, so that a letter whose small form has two characters loses the second. */
export function lowerInArray(text: string): string {
  return [...text.toLowerCase()].slice(0, [...text].length).join('');
}
