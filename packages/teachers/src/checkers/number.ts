import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';

/** A number as people write it: a sign, thousands with commas or thin spaces, a fraction that may come without a 0, an exponent. */
const NUMBER =
  /[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?/g;

/** Right when the last number in the answer is the expected one, give or take the tolerance (a difference, in the same unit). */
export function judgeNumber(
  { expected, tolerance }: { readonly expected: number; readonly tolerance: number },
  answer: string,
): Judgement {
  const found = lastNumber(answer);
  if (found === null) return wrong(`wanted ${expected}, got no number: ${shown(answer)}`);
  // 0.1 + 0.2 is a hair above 0.3.
  const slack = tolerance + Number.EPSILON * 4 * Math.max(Math.abs(expected), Math.abs(found));
  return Math.abs(found - expected) <= slack
    ? { correct: true }
    : wrong(`wanted ${expected}${tolerance > 0 ? ` ± ${tolerance}` : ''}, got ${found}`);
}

/** The last number of a text; null where there is none. A dash between two numbers is no sign (`3-5` ends in 5). */
export function lastNumber(text: string): number | null {
  // Full-width digits are digits.
  const given = bounded(text).replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10));
  const match = [...given.matchAll(NUMBER)].at(-1);
  if (!match) return null;
  const written = match[0].replace(/[, \u00a0\u202f]/g, '').replace('−', '-');
  const dash = match.index > 0 && /[\p{L}\p{N}]/u.test(given[match.index - 1] as string);
  const value = Number(dash ? written.replace(/^[-+]/, '') : written);
  return Number.isFinite(value) ? value : null;
}
