import type { Pii } from './pii.ts';

/**
 * 13 to 19 digits without separators, or in the printed groups 4-4-4-4(-3), 4-6-5, 4-6-4. At most 23 characters. A comma may touch it, as
 * in CSV; `0,` and other points of decimals may not.
 */
const CARD =
  /(?<![\w.+-]|(?<!\d)0,)(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5})(?![\w]|[.-]\d)/g;
/** Lengths that cards had or have rarely: without separators more likely an article number (EAN-13) or an id of 64 bits. */
const RARE_LENGTHS = new Set([13, 19]);
const CARD_WORD =
  /\b(?:card|visa|credit|debit|maestro|master ?card|amex|payment|pay|pan|karte\w*|carte|tarjeta)\b[^\n]{0,24}$/i;
/** Characters of four groups of four: a fifth group may be the security code. */
const FOUR_GROUPS = 19;
/** Prefixes and lengths of issuers (ISO/IEC 7812): Visa, Mastercard, American Express, Discover, JCB, Diners. */
const ISSUERS: readonly RegExp[] = [
  /^4(?:\d{12}|\d{15}|\d{18})$/,
  /^(?:5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12})$/,
  /^3[47]\d{13}$/,
  /^6(?:011|5\d\d|4[4-9]\d)\d{12}$/,
  /^35(?:2[89]|[3-8]\d)\d{12}$/,
  /^3(?:0[0-5]|[68]\d)\d{11}$/,
];
/** Test numbers of payment processors. */
const TEST_NUMBERS = new Set([
  '4111111111111111',
  '4242424242424242',
  '4012888888881881',
  '4000056655665556',
  '4222222222222',
  '5555555555554444',
  '5105105105105100',
  '5200828282828210',
  '2223003122003222',
  '378282246310005',
  '371449635398431',
  '6011111111111117',
  '6011000990139424',
  '3530111333300000',
  '30569309025904',
  '38520000023237',
]);

/** Finds payment card numbers: an issuer's prefix and length and a valid check digit, except test numbers. */
export function findCards(text: string): Pii[] {
  const found: Pii[] = [];
  CARD.lastIndex = 0;
  for (let match = CARD.exec(text); match !== null; match = CARD.exec(text)) {
    const from = match.index;
    const card = [match[0], match[0].slice(0, FOUR_GROUPS)].find(isCard);
    // After a failure a number may still start at the second group.
    CARD.lastIndex = from + (card?.length ?? 1);
    if (card !== undefined && !TEST_NUMBERS.has(digitsOf(card)) && !isRare(text, from, card)) {
      found.push({ kind: 'card', from, to: from + card.length });
    }
  }
  return found;
}

/** A number of a rare length that no word calls a card. */
function isRare(text: string, from: number, card: string): boolean {
  return (
    /^\d+$/.test(card) && RARE_LENGTHS.has(card.length) && !CARD_WORD.test(text.slice(Math.max(0, from - 40), from))
  );
}

function isCard(written: string): boolean {
  const digits = digitsOf(written);
  return ISSUERS.some((issuer) => issuer.test(digits)) && passesLuhn(digits);
}

const digitsOf = (written: string): string => written.replaceAll(/\D/g, '');

/** The check digit of ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
