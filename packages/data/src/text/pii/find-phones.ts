import type { Pii } from './pii.ts';

/** North American numbers, 3-3-4, with separators; three groups separated only by spaces may be a list of numbers. */
const AMERICAN =
  /(?<![\w.+-])(?:\+?1[-. ]?)?(?:\(([2-9]\d\d)\)[ -]?|([2-9]\d\d)[-.])([2-9]\d\d)[-. ](\d{4})(?![\w-]|\.\d)/g;
/** `+` and a country code, 8 to 15 digits with or without groups (ITU-T E.164). */
const BEGIN = /(?<![A-Za-z_.+-])\+(?=[1-9])/y;
const GROUP = /[ .-]?\(?(\d{1,15})\)?/y;
const MIN_DIGITS = 8;
const MAX_DIGITS = 15;
/** Most groups of a number (chosen). */
const MAX_GROUPS = 7;
/** Characters that cannot follow a number. */
const GOES_ON = /^(?:[\w-]|\.\d)/;
/** Toll-free and premium numbers belong to companies and helplines, which answers may name. */
const NOBODY = new Set(['800', '833', '844', '855', '866', '877', '888', '900', '555']);
/** After one of these characters and a little space, `+` is an addition and not part of a phone number. */
const ADDED_TO = /[\d)=](?=\s{0,3}$)/;

/** Finds phone numbers in international or North American format, except fictional ones (555). */
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

/** The end of the longest number that starts at a `+`; the position of the `+` itself if there is none. */
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
  // A bracket opened before the number is not part of it.
  const number = text.slice(from, end);
  return number.endsWith(')') && number.split(')').length > number.split('(').length ? end - 1 : end;
}

/** @param ends - Ends of the numbers found so far: another number may follow one of them, or its closing bracket. */
function adds(text: string, from: number, ends: ReadonlySet<number>): boolean {
  const start = Math.max(0, from - 4);
  const before = ADDED_TO.exec(text.slice(start, from));
  return before !== null && !ends.has(start + before.index) && !ends.has(start + before.index + 1);
}

/** Sequential or repeated digits (123456, 0000000) are placeholders, not real phone numbers. */
function isPattern(digits: string): boolean {
  const last = digits.slice(-8);
  return '0123456789012345'.includes(last) || '9876543210987654'.includes(last) || /^(\d)\1+$/.test(last);
}
