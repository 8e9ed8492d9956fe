import { escapeRegex } from '../../scoring/escape-regex.ts';
import { extractMatch, NO_MATCH } from '../../scoring/extract-match.ts';
import { numberOfWords } from '../../scoring/number-words.ts';
import { PYTHON_SPACE, strip, WORD_BOUNDARY } from '../../scoring/python-text.ts';

/** Reads what is compared out of an answer. @param input - The question. @returns `NO_MATCH` where nothing is found. */
export type AnswerReader = (answer: string, input: string) => string;

/** Words of which the first one counts. */
const firstWord = (...words: readonly string[]): AnswerReader => {
  const regex = new RegExp(`${WORD_BOUNDARY}(${words.join('|')})${WORD_BOUNDARY}`, 'gu');
  return (answer) => extractMatch(answer, regex);
};

/** Phrases that stand for a value; the first one in the answer counts, in any case. */
const firstPhrase = (phrases: Readonly<Record<string, readonly string[]>>): AnswerReader => {
  const groups = Object.values(phrases).map((group) => `${WORD_BOUNDARY}(${group.join('|')})${WORD_BOUNDARY}`);
  const regex = new RegExp(groups.join('|'), 'gu');
  return (answer) => {
    const found = extractMatch(answer.toLowerCase(), regex);
    return Object.keys(phrases).find((value) => phrases[value]?.includes(found)) ?? NO_MATCH;
  };
};

const OPTION = /\([A-Z]\)([^\n^(]*)/g;
const LETTER = /(\([A-Z]\))/g;
const PUNCTUATION = /\p{P}/gu;
/** Characters that Python's `re.escape` puts a backslash before; lm-eval sorts the texts of options by their length with it. */
const ESCAPED = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g;

/** The option that an answer names: by its letter in parentheses, else by its text, else by a letter behind a colon. */
const option: AnswerReader = (answer, input) => {
  const byLetter = extractMatch(answer, LETTER);
  if (byLetter !== NO_MATCH) return byLetter;
  const plain = (text: string) => text.toLowerCase().replace(PUNCTUATION, '');
  const texts = [...input.matchAll(OPTION)].map(([, text]) => plain(strip(text as string)));
  const letters = texts.map((_, at) => String.fromCharCode(65 + at));
  // Of two options with one text the last one counts.
  const letterOf = new Map(texts.map((text, at) => [text, `(${letters[at]})`]));
  const length = (text: string) => [...text].length + (text.match(ESCAPED)?.length ?? 0);
  const longestFirst = texts.toSorted((one, other) => length(other) - length(one)).map(escapeRegex);
  const named = plain(answer).match(new RegExp(longestFirst.join('|'), 'u'))?.[0] ?? '';
  const found = strip(named);
  if (found !== '') return letterOf.get(found) ?? found;
  const behind = extractMatch(answer, new RegExp(`:[${PYTHON_SPACE}]*(${letters.join('|')})`, 'g'));
  return behind === NO_MATCH || behind === '' ? NO_MATCH : `(${behind})`;
};

const TENS = '(?:twen|thir|for|fif|six|seven|nine)';
const UNITS = 'zero|one|two|three|four|five';
const LARGER = 'ten|eleven|twelve|fourteen|hundred|thousand|(?:m|b|tr)illion';
/** One word of a number; which of six to nine may stand alone is as lm-eval has it. */
const numberWord = (alone: { readonly tens: boolean; readonly eight: boolean }) =>
  `${UNITS}|${TENS}(?:${alone.tens ? '|' : ''}teen|ty)|eight(?:${alone.eight ? '|' : ''}een|y)|${LARGER}`;
const NUMBER_WORDS = new RegExp(
  `((?:(?:${numberWord({ tens: false, eight: true })})` +
    `(?:${numberWord({ tens: true, eight: false })}|(?![\\r\\n])[${PYTHON_SPACE}]|,|and|&)+)?(?:${numberWord({ tens: false, eight: false })}))`,
  'g',
);

/** The first number, in digits or else in English words. */
const number: AnswerReader = (answer) => {
  const digits = extractMatch(answer, /([-0-9]+)/g);
  if (digits !== NO_MATCH) return digits;
  const words = extractMatch(answer.toLowerCase(), NUMBER_WORDS);
  const value = words === NO_MATCH ? null : numberOfWords(words);
  return value === null ? NO_MATCH : String(value);
};

/** The words of the question in the order in which the answer has each of them last. */
const sortedWords: AnswerReader = (answer, input) => {
  const words = strip(input.split('List:')[1] ?? '')
    .split(new RegExp(`[${PYTHON_SPACE}]+`))
    .map((word) => `${WORD_BOUNDARY}${escapeRegex(word)}${WORD_BOUNDARY}`);
  const found = [...answer.matchAll(new RegExp(words.join('|'), 'gu'))].map(([word]) => word);
  return [...new Set(found.toReversed())].toReversed().join(' ');
};

const yesOrNo = firstWord('Yes', 'No', 'yes', 'no');
const brackets: AnswerReader = (answer) => extractMatch(answer, /(?<= )([" [(<{}>)\]]+)|([" [(<{}>)\]]+)/g);

/** How the flexible reading of lm-eval's `bbh_zeroshot` finds the answer in each task; the others have options. */
const READERS: Readonly<Record<string, AnswerReader>> = {
  boolean_expressions: firstWord('True', 'False'),
  causal_judgement: yesOrNo,
  dyck_languages: brackets,
  formal_fallacies: firstWord('valid', 'invalid'),
  multistep_arithmetic_two: number,
  navigate: yesOrNo,
  object_counting: number,
  sports_understanding: firstPhrase({ no: ['no', 'not plausible'], yes: ['yes', 'plausible'] }),
  web_of_lies: firstPhrase({
    no: ['no', 'does not tell the truth', 'is not telling the truth'],
    yes: ['yes', 'tells the truth', 'is telling the truth'],
  }),
  word_sorting: sortedWords,
};

export const readerOf = (task: string): AnswerReader => READERS[task] ?? option;
