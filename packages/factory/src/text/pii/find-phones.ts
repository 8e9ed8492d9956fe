import type { Pii } from './pii.ts';

/** North American numbers, 3-3-4, with signs between; three groups with spaces alone are as likely a list of numbers. */
const AMERICAN =
  /(?<![\w.+-])(?:\+?1[-. ]?)?(?:\(([2-9]\d\d)\)[ -]?|([2-9]\d\d)[-.])([2-9]\d\d)[-. ](\d{4})(?![\w-]|\.\d)/g;
/** `+` and a country, 8 to 15 digits in groups or in one (ITU-T E.164). */
const INTERNATIONAL = /(?<![\w.+)-])\+[1-9]\d{0,14}(?:[ .-]{0,1}\(?\d{1,5}\)?){1,6}(?![\w-]|\.\d)/g;
const LEAST_DIGITS = 8;
const MOST_DIGITS = 15;
/** Free and premium numbers belong to firms and helplines, which answers should be able to name. */
const NOBODY = new Set(['800', '833', '844', '855', '866', '877', '888', '900', '555']);

/** Telephone numbers in international form or in that of North America, except those of 555, which nobody has. */
export function findPhones(text: string): Pii[] {
  const found: Pii[] = [];
  for (const match of text.matchAll(AMERICAN)) {
    const area = (match[1] ?? match[2]) as string;
    if (NOBODY.has(area) || match[3] === '555' || isPattern(area + match[3] + match[4])) continue;
    found.push({ kind: 'phone', from: match.index, to: match.index + match[0].length });
  }
  for (const match of text.matchAll(INTERNATIONAL)) {
    const digits = match[0].replaceAll(/\D/g, '');
    if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS || isPattern(digits)) continue;
    if (digits.startsWith('1') && (NOBODY.has(digits.slice(1, 4)) || digits.slice(4, 7) === '555')) continue;
    // After a number or a bracket the sign adds.
    if (/[\d)=]\s{0,3}$/.test(text.slice(Math.max(0, match.index - 4), match.index))) continue;
    found.push({ kind: 'phone', from: match.index, to: match.index + match[0].trimEnd().length });
  }
  return found;
}

/** Digits that count up or down or are all the same stand for a number; they are none. */
function isPattern(digits: string): boolean {
  const last = digits.slice(-8);
  return '0123456789012345'.includes(last) || '9876543210987654'.includes(last) || /^(\d)\1+$/.test(last);
}
