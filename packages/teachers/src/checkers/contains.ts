import { normaliseText } from '@cogumi/pure';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, comparable, shown } from './checker.ts';

const WORD = /[\p{L}\p{M}\p{N}]/u;
/** Scripts that write words without spaces: there a text may stand anywhere. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Right when one of the accepted texts stands in the answer, but for case, spacing and Unicode form, and not as a part of
 * a longer word or number: `12` is not in `112`, `12.5`, `1,200` or `-12`.
 */
export function judgeContains({ accepted }: { readonly accepted: readonly string[] }, answer: string): Judgement {
  const given = normaliseText(bounded(answer));
  if (accepted.some((text) => stands(comparable(text), given))) return { correct: true };
  return wrong(`wanted ${accepted.map(shown).join(' or ')} in it, got ${shown(answer)}`);
}

function stands(wanted: string, given: string): boolean {
  if (wanted === '') return false;
  for (let at = given.indexOf(wanted); at !== -1; at = given.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    const word = joins(given[at - 1], wanted[0]) || joins(wanted.at(-1), given[end]);
    if (!word && !isPartOfNumber(given, at, end)) return true;
  }
  return false;
}

/** Whether two neighbouring characters are of one word. */
function joins(left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined || !WORD.test(left) || !WORD.test(right)) return false;
  return !(UNSPACED.test(left) && UNSPACED.test(right));
}

/** Whether digits at an end of the text go on beyond a point, a comma or a sign: `12` of `12.5`, `200` of `1,200`, `12` of `-12`. */
function isPartOfNumber(given: string, at: number, end: number): boolean {
  const before = /\d/.test(given[at] as string) && /(?:\d[.,]|(?:^|[^\p{L}\p{N}])[-−])$/u.test(given.slice(0, at));
  const after = /\d/.test(given[end - 1] as string) && /^[.,]\d/.test(given.slice(end, end + 2));
  return before || after;
}
