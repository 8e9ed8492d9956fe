import { isSpace, PYTHON_SPACE, strip, WORD_BOUNDARY, withoutEnd } from '../../scoring/python-text.ts';
import type { IsLanguage } from '../../text/language.ts';
import { isLower, isUpper } from '../../text/python-case.ts';
import { type PunktParameters, sentences } from '../../text/sentences.ts';
import { wordTokens } from '../../text/word-tokens.ts';
import type { ArgumentsOf, InstructionId } from './arguments.ts';

/** What checks need besides a text. */
export interface CheckTools {
  readonly punkt: PunktParameters;
  readonly isLanguage: IsLanguage;
}

type Check<Id extends InstructionId> = (text: string, given: ArgumentsOf<Id>, tools: CheckTools) => boolean;

const S = `[${PYTHON_SPACE}]`;
const WORD = /[\p{L}\p{N}_]+/gu;

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const related = (found: number, relation: 'less than' | 'at least', bound: number) =>
  relation === 'less than' ? found < bound : found >= bound;

/** Removes a text from the begin, if it begins so. */
const withoutStart = (whole: string, start: string) => (whole.startsWith(start) ? whole.slice(start.length) : whole);
const stripStart = (whole: string, sign: string) => whole.replace(new RegExp(`^[${sign}]+`), '');
const stripEnd = (whole: string, sign: string) => withoutEnd(whole, (own) => own === sign);
const stripOf = (whole: string, sign: string) => stripEnd(stripStart(whole, sign), sign);
/** Each line up to its last `end`. Without it a search for what ends so would look to the line's end from each place where it could begin. */
const closed = (whole: string, end: string) =>
  whole
    .split('\n')
    .map((line) => (line.includes(end) ? line.slice(0, line.lastIndexOf(end) + end.length) : ''))
    .join('\n');

/**
 * Items of a list, which the authors find with `^\s*\*[^\*].*$` and `^\s*-.*$`: the spaces may be empty lines, and what stands behind an
 * asterisk may be the next line. One walk through the text: the expressions look at all empty lines from each of them.
 */
function countBullets(whole: string, sign: '*' | '-'): number {
  let items = 0;
  for (let line = 0; line < whole.length; ) {
    let at = line;
    while (isSpace(whole[at])) at++;
    const star = sign === '*';
    const isItem = whole[at] === sign && !(star && (at + 1 === whole.length || whole[at + 1] === '*'));
    items += Number(isItem);
    const end = whole.indexOf('\n', isItem && star ? at + 2 : at);
    if (end === -1) break;
    line = end + 1;
  }
  return items;
}

/** The instructions of IFEval (Zhou et al. 2023), each as its authors check it. */
export const CHECKS = {
  'keywords:existence': (answer, given) => given.keywords.every((keyword) => new RegExp(keyword, 'iu').test(answer)),
  'keywords:frequency': (answer, given) =>
    related(count(answer, new RegExp(strip(given.keyword), 'giu')), given.relation, given.frequency),
  'keywords:forbidden_words': (answer, given) =>
    !given.forbidden_words.some((word) => new RegExp(`${WORD_BOUNDARY}${word}${WORD_BOUNDARY}`, 'iu').test(answer)),
  'keywords:letter_frequency': (answer, given) =>
    related(
      [...answer.toLowerCase()].filter((letter) => letter === strip(given.letter).toLowerCase()).length,
      given.let_relation,
      given.let_frequency,
    ),
  'language:response_language': (answer, given, { isLanguage }) => isLanguage(answer, given.language),
  'length_constraints:number_sentences': (answer, given, { punkt }) =>
    related(sentences(answer, punkt).length, given.relation, given.num_sentences),
  'length_constraints:number_paragraphs': (answer, given) => {
    const parts = answer.split(new RegExp(`${S}?\\*\\*\\*${S}?`));
    const empty = parts.map((part) => strip(part) === '');
    if (empty.slice(1, -1).includes(true)) return false;
    return empty.filter((one) => !one).length === given.num_paragraphs;
  },
  'length_constraints:number_words': (answer, given) => related(count(answer, WORD), given.relation, given.num_words),
  'length_constraints:nth_paragraph_first_word': (answer, given) => {
    const parts = answer.split('\n\n');
    const full = parts.filter((part) => strip(part) !== '').length;
    const place = given.nth_paragraph;
    if (place > full) return false;
    const paragraph = strip(parts[place - 1] as string);
    const [word = ''] = paragraph.split(new RegExp(`${S}+`));
    const [first] = word
      .replace(/^'+/, '')
      .replace(/^"+/, '')
      .split(/[.,?!'"]/) as [string];
    return full === given.num_paragraphs && first.toLowerCase() === given.first_word.toLowerCase();
  },
  'detectable_content:number_placeholders': (answer, given) =>
    count(closed(answer, ']'), /\[[^\n]*?\]/g) >= given.num_placeholders,
  'detectable_content:postscript': (answer, given) => {
    const marker = strip(given.postscript_marker);
    const own = marker === 'P.P.S' ? `p\\.${S}?p\\.${S}?s` : marker === 'P.S.' ? `p\\.${S}?s\\.` : marker.toLowerCase();
    return new RegExp(own, 'u').test(answer.toLowerCase());
  },
  'detectable_format:number_bullet_lists': (answer, given) =>
    countBullets(answer, '*') + countBullets(answer, '-') === given.num_bullets,
  'detectable_format:constrained_response': (answer) =>
    ['yes', 'no', 'maybe'].some((one) => answer.includes(`My answer is ${one}.`)),
  'detectable_format:number_highlighted_sections': (answer, given) => {
    const single = answer.match(/\*[^\n*]*\*/g) ?? [];
    const double = answer.match(/\*\*[^\n*]*\*\*/g) ?? [];
    const found = [...single.map((one) => stripOf(one, '*')), ...double.map((one) => one.slice(2, -2))];
    return found.filter((one) => strip(one) !== '').length >= given.num_highlights;
  },
  'detectable_format:multiple_sections': (answer, given) =>
    count(answer, new RegExp(`${S}?${strip(given.section_spliter)}${S}?\\p{Nd}+${S}?`, 'gu')) >= given.num_sections,
  'detectable_format:json_format': (answer) => {
    const fenced = ['```json', '```Json', '```JSON', '```'].reduce(withoutStart, strip(answer));
    return isJson(strip(fenced.endsWith('```') ? fenced.slice(0, -3) : fenced));
  },
  'detectable_format:title': (answer) =>
    (closed(answer, '>>').match(/<<[^\n]+>>/g) ?? []).some(
      (title) => strip(stripStart(stripEnd(title, '>'), '<')) !== '',
    ),
  'combination:two_responses': (answer) => {
    const parts = answer.split('******').map(strip);
    if (parts.slice(1, -1).includes('')) return false;
    const full = parts.filter((part) => part !== '');
    return full.length === 2 && full[0] !== full[1];
  },
  'combination:repeat_prompt': (answer, given) =>
    strip(answer).toLowerCase().startsWith(strip(given.prompt_to_repeat).toLowerCase()),
  'startend:end_checker': (answer, given) =>
    stripOf(strip(answer), '"').toLowerCase().endsWith(strip(given.end_phrase).toLowerCase()),
  'startend:quotation': (answer) => /^".*"$/s.test(strip(answer)),
  'change_case:english_capital': (answer, _given, { isLanguage }) => isUpper(answer) && isLanguage(answer, 'en'),
  'change_case:english_lowercase': (answer, _given, { isLanguage }) => isLower(answer) && isLanguage(answer, 'en'),
  'change_case:capital_word_frequency': (answer, given, { punkt }) =>
    related(
      sentences(answer, punkt).flatMap(wordTokens).filter(isUpper).length,
      given.capital_relation,
      given.capital_frequency,
    ),
  'punctuation:no_comma': (answer) => !answer.includes(','),
} as const satisfies { readonly [Id in InstructionId]: Check<Id> };

/** Python's `json.loads` also takes numbers that are none. */
function isJson(whole: string): boolean {
  try {
    JSON.parse(whole.replace(/"(?:[^"\\]|\\.)*"?|-?Infinity|NaN/g, (part) => (part.startsWith('"') ? part : '0')));
    return true;
  } catch {
    return false;
  }
}
