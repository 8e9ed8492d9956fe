import { normaliseText } from '@cogumi/pure';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';

/** Right when the answer is one of the accepted texts, but for case, spacing, Unicode form and a closing full stop. */
export function judgeExact({ accepted }: { readonly accepted: readonly string[] }, answer: string): Judgement {
  const given = tidy(bounded(answer));
  if (accepted.some((text) => tidy(text) === given)) return { correct: true };
  return wrong(`wanted ${accepted.map(shown).join(' or ')}, got ${shown(answer)}`);
}

function tidy(text: string): string {
  return normaliseText(text).replace(/\.$/, '');
}
