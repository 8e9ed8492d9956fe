import type { Pii } from './pii.ts';

/** Length of an IBAN by country (SWIFT's IBAN registry, the larger countries). */
const LENGTHS: Readonly<Record<string, number | undefined>> = Object.fromEntries(
  (
    'AD24 AE23 AT20 AZ28 BE16 BG22 BH22 BR29 CH21 CY28 CZ24 DE22 DK18 EE20 EG29 ES24 FI18 FR27 GB22 GE22 GI23 GR27 HR21 ' +
    'HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PK24 PL28 PS29 ' +
    'PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);
/** The beginning of an IBAN: country and two check digits. The country determines the length. */
const HEAD = /(?<![\w-])[A-Z]{2}\d{2}/g;
/** Without separators, or in groups of four with one separator. */
const FORM = /^(?:[A-Z0-9]+|(?:[A-Z0-9]{4}[ -])+[A-Z0-9]{1,4})$/;
/** Examples printed by the registry and by encyclopaedias. */
const EXAMPLES = new Set([
  'GB82WEST12345698765432',
  'DE89370400440532013000',
  'GB29NWBK60161331926819',
  'FR1420041010050500013M02606',
]);

/** Finds international bank account numbers with a valid length and valid check digits. */
export function findIbans(text: string): Pii[] {
  const found: Pii[] = [];
  for (const { 0: head, index: from } of text.matchAll(HEAD)) {
    const length = LENGTHS[head.slice(0, 2)];
    if (length === undefined) continue;
    const ends = [from + length, from + length + Math.ceil(length / 4) - 1];
    const to = ends.find((end) => isIban(text.slice(from, end), length) && !/\w/.test(text.charAt(end)));
    if (to !== undefined) found.push({ kind: 'iban', from, to });
  }
  return found;
}

function isIban(written: string, length: number): boolean {
  const compact = written.replaceAll(/[ -]/g, '');
  return compact.length === length && FORM.test(written) && !EXAMPLES.has(compact) && remainder(compact) === 1;
}

/** ISO 7064 mod 97-10: the first four characters are moved to the end, letters count from A = 10. */
function remainder(compact: string): number {
  let rest = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
