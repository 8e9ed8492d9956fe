import { statedAnswer } from './stated-answer.ts';

/** A number as people write it: a sign, thousands with commas or thin spaces, a fraction that may come without a 0, an exponent. */
const NUMBER =
  /[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?/g;

/** The numbers of a text in their order. A dash between two numbers is no sign (`3-5` ends in 5). */
export function numbersIn(text: string): number[] {
  // Full-width digits are digits.
  const given = text.replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10));
  return [...given.matchAll(NUMBER)].map((match) => {
    const written = match[0].replace(/[, \u00a0\u202f]/g, '').replace('−', '-');
    const dash = match.index > 0 && /[\p{L}\p{N}]/u.test(given[match.index - 1] as string);
    return Number(dash ? written.replace(/^[-+]/, '') : written);
  });
}

/**
 * The number that an answer comes to, by the rules of the field's harnesses for GSM8K and MATH, in their order: behind `####`, in
 * `\boxed{}`, behind "the answer is", else the last one.
 *
 * @returns `stated`: the answer says that this is its result; null: there is no number.
 */
export function concludingNumber(answer: string): { value: number; stated: boolean } | null {
  const marked = /####[^\S\n]{0,3}([^\n]{1,60})/.exec(answer)?.[1] ?? /\\boxed\{([^{}\n]{1,60})\}/.exec(answer)?.[1];
  for (const place of [marked, statedAnswer(answer)]) {
    if (!place) continue;
    const numbers = numbersIn(place).filter(Number.isFinite);
    // `3 + 4 = 7` ends in its result; "6, the smallest of 57 and 25" begins with it.
    const value = place.includes('=') ? numbers.at(-1) : numbers[0];
    if (value !== undefined) return { value, stated: true };
  }
  const value = numbersIn(answer).at(-1);
  return value === undefined || !Number.isFinite(value) ? null : { value, stated: false };
}
