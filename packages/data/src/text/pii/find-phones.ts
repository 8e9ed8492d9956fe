import { countryCode, hasLength } from './dialling-codes.ts';
import { readNumberContext } from './number-context.ts';
import type { Pii } from './pii.ts';

/** North American numbers, 3-3-4, with separators; three groups separated only by spaces may be a list of numbers. */
const AMERICAN =
  /(?<![\w.+/-])(?:\+?1[-. ]?)?(?:\(([2-9]\d\d)\)[ -]?|([2-9]\d\d)[-.])([2-9]\d\d)[-. ](\d{4})(?![\d_-]|[A-Wa-wYZyz]|\.\d)/g;
/** `+`, or `00` and `011` as it is dialled, and a group of digits. */
const INTERNATIONAL = /\+(?=[1-9])|(?<![\w.,+/-])(?:00|011[ -]?)(?=[ -]?[1-9]\d)/g;
const GROUP = /(\()?(\d{1,15})(\))?/y;
const BETWEEN = / ?[-‑–/] ?|[ \u00a0\u202f.]?/y;
/** Most groups of a number, and digits (ITU-T E.164). */
const MAX_GROUPS = 7;
const MAX_DIGITS = 15;
/** Digits that an undivided number without a telling word does not end with: a round amount (chosen). */
const ROUND = /0{5}$/;
/**
 * National numbers that are clear by their form: a trunk 0 and groups as in Europe, Asia and Australia; pairs as in France; an area in
 * brackets as in Brazil.
 */
const NATIONAL = new RegExp(
  `(?<![\\w.,+/-]|\\d |\\d[a-f] |[a-f]\\d )(?:${[
    '\\(0\\d{1,4}\\)[ -]?\\d{3,8}(?:[ -]\\d{2,5}){0,2}',
    '0[1-9]\\d{0,4}([ -])\\d{3,4}\\1\\d{3,4}',
    '0[1-9]\\d{1,4} \\d{3,4}-\\d{2,4}',
    '0[1-9]\\d{1,4}(?: ?[/-] ?| )\\d{6,8}',
    '0[1-9]\\d{1,4} ?/ ?\\d{3,4}[ -]\\d{2,5}',
    '0[6-9]\\d{4} \\d{5}',
    '0[1-9](?:([ .-])\\d\\d)(?:\\2\\d\\d){3}',
    '\\([1-9]\\d\\) ?9?\\d{4}-\\d{4}',
  ].join('|')})(?![\\w-]|[.,/]\\d| ?[a-f\\d]{2}\\b)`,
  'g',
);
/** Any number in groups, which counts only after a word that announces a phone number. */
const ANNOUNCED =
  /(?<![\w.,+/$€£-]|\d )(?:(?:\d ?)?\(\d{1,5}\)|\d{2,11})(?:(?:[ .\-–]{1,3}|\/)\(?\d{2,8}\)?){0,5}(?![\w-]|[.,]\d| ?\/)/g;
const LEAST_DIGITS = 7;
const LEAST_NATIONAL = 9;
const MOST_NATIONAL = 13;
const DATE =
  /^(?:(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d|(?:19|20)\d\d ?[-–] ?(?:19|20)?\d\d)(?!\d)/;
/** An extension belongs to the number before it. */
const EXTENSION = /[ ,]{0,2}(?:ext(?:ension)?\.?|x|durchwahl|poste|extensión)[ :.]{0,2}\d{1,6}(?!\w)/iy;
/** Toll-free and premium numbers belong to companies and helplines, which answers may name. */
const NOBODY = new Set(['800', '833', '844', '855', '866', '877', '888', '900', '555']);
const TOLL_FREE = /^(?:0?800|0?808|1?800|1300|0?900)/;
/** After one of these characters and a little space, `+` is an addition and not part of a phone number. */
const ADDED_TO = /[\d)=](?=\s{0,3}$)/;
/** The marks of a patch: its lines begin with `+`. */
const PATCH = /^(?:diff --git |@@ -\d|\+\+\+ |--- a\/)/m;
const MAX_LINE = 200;

/** Finds phone numbers in international form, in clear national forms, and in any form after a word such as "call". */
export function findPhones(text: string): Pii[] {
  const found: Pii[] = [];
  const ends = new Set<number>();
  const add = (from: number, to: number) => {
    EXTENSION.lastIndex = to;
    const end = EXTENSION.test(text) ? EXTENSION.lastIndex : to;
    found.push({ kind: 'phone', from, to: end });
    ends.add(to).add(end);
  };
  for (const match of text.matchAll(AMERICAN)) {
    const area = (match[1] ?? match[2]) as string;
    if (isFictional(area, match[3] as string) || isPattern(area + match[3] + match[4])) continue;
    const { isPhone, isIdentifier, isQuantity } = readNumberContext(text, match.index, match.index + match[0].length);
    if (isIdentifier || (isQuantity && !isPhone)) continue;
    add(match.index, match.index + match[0].length);
  }
  const inPatch = PATCH.test(text);
  for (const { index: from, 0: prefix } of text.matchAll(INTERNATIONAL)) {
    const to = endOfInternational(text, from, prefix, ends, inPatch);
    // An opening bracket before it, as above.
    if (to > from) add(/^[^(]*\)/.test(text.slice(from, to)) ? from - 1 : from, to);
  }
  for (const match of text.matchAll(NATIONAL)) {
    if (isNational(text, match[0], match.index)) add(match.index, match.index + match[0].length);
  }
  for (const match of text.matchAll(ANNOUNCED)) {
    const to = match.index + match[0].length;
    if (
      isAnnounced(match[0]) &&
      readNumberContext(text, match.index, to).isPhone &&
      !readNumberContext(text, match.index, to).hasUnit
    )
      add(match.index, to);
  }
  return found;
}

/**
 * The end of the longest international number that starts at a place: the digits of a country's plan, in groups. `from` if there is none.
 *
 * @param ends - Ends of the numbers found so far: another number may follow one of them, or its closing bracket.
 */
function endOfInternational(
  text: string,
  from: number,
  prefix: string,
  ends: ReadonlySet<number>,
  inPatch: boolean,
): number {
  const before = text.charAt(from - 1);
  const { isPhone } = readNumberContext(text, from, from);
  if (/[A-Za-z_.+-]/.test(before) && !(isPhone && before !== '+')) return from;
  if (prefix === '+' && !isPhone && adds(text, from, ends)) return from;
  if (inPatch && prefix === '+' && (before === '' || before === '\n')) return from;
  if (lineHas(text, from, '@@')) return from;
  let end = from;
  let place = from + prefix.length;
  if (text[place] === ' ' && prefix !== '+') place++;
  const groups: string[] = [];
  let separators = '';
  for (let count = 0; count < MAX_GROUPS; count++) {
    GROUP.lastIndex = place;
    const group = GROUP.exec(text);
    if (group === null) break;
    const [, open, digits = '', close] = group;
    // A bracket that was opened before the number ends it, but in `(+65) 6336 8217`.
    const isForeign = close !== undefined && open === undefined && !(before === '(' && count === 0);
    const to = GROUP.lastIndex - Number(isForeign);
    // A trunk 0 in brackets is not dialled.
    if (!(open !== undefined && digits === '0')) groups.push(digits);
    const all = groups.join('');
    if (all.length > MAX_DIGITS) break;
    const divided = groups.length > 1;
    if (
      !goesOn(text, to) &&
      isInternational(groups, separators, isPhone) &&
      isMeant(text, from, to, divided || prefix !== '+', isPhone, all)
    )
      end = to;
    if (isForeign) break;
    BETWEEN.lastIndex = to;
    BETWEEN.test(text);
    separators += text.slice(to, BETWEEN.lastIndex);
    place = BETWEEN.lastIndex;
    if (BETWEEN.lastIndex === to && text[to] !== '(' && !close) break;
  }
  return end;
}

/** A number in a form that exists; not a decimal (`+48.8583701`), nor counting digits. */
function isInternational(groups: readonly string[], separators: string, isPhone: boolean): boolean {
  const digits = groups.join('');
  const code = countryCode(digits);
  if (code === null || isPattern(digits)) return false;
  const national = digits.slice(code.length).replace(/^0/, '');
  if (!hasLength(code, national.length) && !hasLength(code, digits.length - code.length)) return false;
  if (
    !isPhone &&
    /^\.+$/.test(separators) &&
    (groups.length === 2 || groups.slice(1).every(({ length }) => length === 3))
  )
    return false;
  if (code !== '1') return true;
  if (isFictional(national.slice(0, 3), national.slice(3, 6)) || !isAmerican(national)) return false;
  // The groups end where those of North America do.
  const stops = new Set([1, 4, 7, 11]);
  let at = 0;
  return groups.every(({ length }) => {
    at += length;
    return stops.has(at);
  });
}

/** The words around do not say that it is something else. */
function isMeant(text: string, from: number, to: number, divided: boolean, isPhone: boolean, digits: string): boolean {
  const { isQuantity, hasUnit, isIdentifier } = readNumberContext(text, from, to);
  if (hasUnit) return false;
  if (isPhone) return true;
  return !isIdentifier && (divided || (!isQuantity && !ROUND.test(digits)));
}

function isNational(text: string, written: string, from: number): boolean {
  const digits = written.replaceAll(/\D/g, '');
  if (
    digits.length < LEAST_NATIONAL ||
    digits.length > MOST_NATIONAL ||
    isPattern(digits) ||
    isPattern(digits.slice(1))
  )
    return false;
  if (TOLL_FREE.test(digits) || DATE.test(written) || isProgression(written)) return false;
  const { isIdentifier, isQuantity, isPhone } = readNumberContext(text, from, from + written.length);
  return !isIdentifier && (isPhone || !isQuantity);
}

function isAnnounced(written: string): boolean {
  const digits = written.replaceAll(/\D/g, '');
  if (
    digits.length < LEAST_DIGITS ||
    digits.length > MOST_NATIONAL ||
    isPattern(digits) ||
    TOLL_FREE.test(digits) ||
    ROUND.test(digits)
  )
    return false;
  const local = digits.slice(-7, -4);
  return local !== '555' && !NOBODY.has(digits.slice(-10, -7)) && !DATE.test(written);
}

/** Pairs that count: 01 02 03 04 05, 06 12 34 56 78. */
function isProgression(written: string): boolean {
  const pairs = written.match(/\d\d/g)?.map(Number) ?? [];
  const step = (pairs.at(-1) as number) - (pairs.at(-2) as number);
  return pairs.length === 5 && pairs.slice(2).every((pair, at) => pair - (pairs[at + 1] as number) === step);
}

function adds(text: string, from: number, ends: ReadonlySet<number>): boolean {
  const start = Math.max(0, from - 4);
  const before = ADDED_TO.exec(text.slice(start, from));
  return before !== null && !ends.has(start + before.index) && !ends.has(start + before.index + 1);
}

/** The number does not end here: letters, digits or a decimal part follow; an extension may. */
function goesOn(text: string, at: number): boolean {
  EXTENSION.lastIndex = at;
  return /^(?:[\w-]|\.\d)/.test(text.slice(at, at + 2)) && !EXTENSION.test(text);
}

/** The line before a place contains a mark, as far as it is read. */
function lineHas(text: string, at: number, mark: string): boolean {
  const line = text.slice(Math.max(0, at - MAX_LINE), at);
  return line.slice(line.lastIndexOf('\n') + 1).includes(mark);
}

/** 555 is for films; toll-free numbers are nobody's. */
function isFictional(area: string, exchange: string): boolean {
  return NOBODY.has(area) || exchange === '555';
}

/** Area and exchange as North America gives them out: no 1 or 0 in front, no 9 in the middle of an area, no N11. */
function isAmerican(national: string): boolean {
  return /^[2-9][0-8]\d[2-9](?!11)\d\d\d{4}$/.test(national) && !/^\d11/.test(national);
}

/** Sequential or repeated digits (123456, 0000000) are placeholders, not real phone numbers. */
function isPattern(digits: string): boolean {
  const last = digits.slice(-8);
  return '0123456789012345'.includes(last) || '9876543210987654'.includes(last) || /^(\d)\1+$/.test(last);
}
