import type { Pii } from './pii.ts';

/** North American numbers, 3-3-4, with signs between; three groups with spaces alone are as likely a list of numbers. */
const AMERICAN =
  /(?<![\w.+-])(?:\+?1[-. ]?)?(?:\(([2-9]\d\d)\)[ -]?|([2-9]\d\d)[-.])([2-9]\d\d)[-. ](\d{4})(?![\w-]|\.\d)/g;
/** `+` and a country, 8 to 15 digits in groups or in one (ITU-T E.164). */
const BEGIN = /(?<![A-Za-z_.+-])\+(?=[1-9])/y;
const GROUP = /[ .-]?\(?(\d{1,15})\)?/y;
const MIN_DIGITS = 8;
const MAX_DIGITS = 15;
/** Groups of the longest number as it is written (chosen). */
const MAX_GROUPS = 7;
/** What a number does not end before. */
const GOES_ON = /^(?:[\w-]|\.\d)/;
/** Free and premium numbers belong to firms and helplines, which answers should be able to name. */
const NOBODY = new Set(['800', '833', '844', '855', '866', '877', '888', '900', '555']);
/** A sign adds, and is none of a telephone, after one of these and a little space. */
const ADDED_TO = /[\d)=](?=\s{0,3}$)/;

/** Telephone numbers in international form or in that of North America, except those of 555, which nobody has. */
export function findPhones(text: string): Pii[] {
  const found: Pii[] = [];
  for (const match of text.matchAll(AMERICAN)) {
    const area = (match[1] ?? match[2]) as string;
    if (NOBODY.has(area) || match[3] === '555' || isPattern(area + match[3] + match[4])) continue;
    found.push({ kind: 'phone', from: match.index, to: match.index + match[0].length });
  }
  const ends = new Set(found.map(({ to }) => to));
  for (let from = text.indexOf('+'); from !== -1; from = text.indexOf('+', from + 1)) {
    const to = endOf(text, from);
    const digits = text.slice(from, to).replaceAll(/\D/g, '');
    if (digits === '' || isPattern(digits) || adds(text, from, ends)) continue;
    if (digits.startsWith('1') && (NOBODY.has(digits.slice(1, 4)) || digits.slice(4, 7) === '555')) continue;
    found.push({ kind: 'phone', from, to });
    ends.add(to);
  }
  return found;
}

/** The end of the longest number that can be read from a `+` on, whatever digits follow; the `+` itself: there is none. */
function endOf(text: string, from: number): number {
  BEGIN.lastIndex = from;
  if (!BEGIN.test(text)) return from;
  let end = from;
  let digits = 0;
  GROUP.lastIndex = from + 1;
  for (let groups = 0; groups < MAX_GROUPS; groups++) {
    const group = GROUP.exec(text);
    digits += group?.[1]?.length ?? 0;
    if (group === null || digits > MAX_DIGITS) break;
    const to = GROUP.lastIndex;
    if (digits >= MIN_DIGITS && !GOES_ON.test(text.slice(to, to + 2))) end = to;
  }
  // A bracket that was opened before the number is none of it.
  const number = text.slice(from, end);
  return number.endsWith(')') && number.split(')').length > number.split('(').length ? end - 1 : end;
}

/** @param ends - Of the telephones before: after one of them, or the bracket around it, another begins. */
function adds(text: string, from: number, ends: ReadonlySet<number>): boolean {
  const start = Math.max(0, from - 4);
  const before = ADDED_TO.exec(text.slice(start, from));
  return before !== null && !ends.has(start + before.index) && !ends.has(start + before.index + 1);
}

/** Digits that count up or down or are all the same stand for a number; they are none. */
function isPattern(digits: string): boolean {
  const last = digits.slice(-8);
  return '0123456789012345'.includes(last) || '9876543210987654'.includes(last) || /^(\d)\1+$/.test(last);
}
