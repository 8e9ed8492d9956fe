import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, comparable, shown } from './checker.ts';

/** Right when the answer is one of the accepted texts, but for case, spacing, Unicode form and a closing full stop. */
export function judgeExact({ accepted }: { readonly accepted: readonly string[] }, answer: string): Judgement {
  const given = comparable(bounded(answer));
  if (accepted.some((text) => comparable(text) === given)) return { correct: true };
  return wrong(`wanted ${accepted.map(shown).join(' or ')}, got ${shown(answer)}`);
}
