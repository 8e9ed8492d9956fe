import { PYTHON_SPACE } from '../scoring/python-text.ts';

const S = `[${PYTHON_SPACE}]`;
const W = '[\\p{L}\\p{N}_]';
const B = `(?:(?<=${W})(?!${W})|(?<!${W})(?=${W}))`;
/** `re.sub` with a pattern of Python's meaning. */
const rule = (pattern: string, to: string, flags = 'gu') => [new RegExp(pattern, flags), to] as const;

/** What separates the words of a sentence in the Penn Treebank, in the order and form of NLTK 3.10's `word_tokenize`. */
const RULES = [
  rule('([«“‘„]|`+)', ' $1 '),
  rule('^"', '``'),
  rule('(``)', ' $1 '),
  rule(`([ ([{<])("|'{2})`, '$1 `` '),
  rule(`(?<!${W})(')(?!(?:re|ve|ll|m|t|s|d|n)${B})(?=${W})`, '$1 ', 'giu'),
  rule(`([^.])(\\.)([\\])}>"' »”’]*)${S}*$`, '$1 $2 $3 '),
  rule('([:,])([^\\p{Nd}])', ' $1 $2'),
  rule('([:,])(?=\\n?$)', ' $1 '),
  rule('\\.{2,}', ' $& '),
  rule('[;@#$%&]', ' $& '),
  rule('[\\u2012-\\u2015]', ' $& '),
  rule(`([^.])(\\.)([\\])}>"']*)${S}*$`, '$1 $2$3 '),
  rule('[?!]', ' $& '),
  rule(`([^'])' `, "$1 ' "),
  rule('[*]', ' $& '),
  rule('[\\][(){}<>]', ' $& '),
  rule('--', ' -- '),
  rule('^', ' '),
  rule('$', ' '),
  rule('([»”’])', ' $1 '),
  rule("''", " '' "),
  rule('"', " '' "),
  rule(`${S}+`, ' '),
  rule(`([^' ])('[sS]|'[mM]|'[dD]|') `, '$1 $2 '),
  rule(`([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) `, '$1 $2 '),
  ...['(can)(not)', "(d)('ye)", '(gim)(me)', '(gon)(na)', '(got)(ta)', '(lem)(me)', "(more)('n)"].map((parts) =>
    rule(`${B}${parts}${B}`, ' $1 $2 ', 'giu'),
  ),
  rule(`${B}(wan)(na)(?=${S})`, ' $1 $2 ', 'giu'),
  rule(` ('t)(is)${B}`, ' $1 $2 ', 'giu'),
  rule(` ('t)(was)${B}`, ' $1 $2 ', 'giu'),
];

/** The words and signs of one sentence. */
export function wordTokens(sentence: string): string[] {
  return RULES.reduce((text, [pattern, to]) => text.replace(pattern, to), sentence)
    .split(new RegExp(`${S}+`, 'u'))
    .filter((word) => word !== '');
}
