import { normaliseText } from '@cogumi/pure';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';

const WORD = /[\p{L}\p{N}]/u;

/**
 * Right when one of the accepted texts stands in the answer, but for case, spacing and Unicode form, and not as a part of
 * a longer word or number: `12` is not in `112`.
 */
export function judgeContains({ accepted }: { readonly accepted: readonly string[] }, answer: string): Judgement {
  const given = normaliseText(bounded(answer));
  if (accepted.some((text) => stands(normaliseText(text).replace(/\.$/, ''), given))) return { correct: true };
  return wrong(`wanted ${accepted.map(shown).join(' or ')} in it, got ${shown(answer)}`);
}

function stands(wanted: string, given: string): boolean {
  if (wanted === '') return false;
  for (let at = given.indexOf(wanted); at !== -1; at = given.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (!joins(given[at - 1], wanted[0]) && !joins(wanted.at(-1), given[end])) return true;
  }
  return false;
}

/** Whether two neighbouring characters are of one word. */
function joins(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && right !== undefined && WORD.test(left) && WORD.test(right);
}
