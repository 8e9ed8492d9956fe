import { numbersIn } from '@cogumi/pure';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';

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

/** The last number of a text; null where there is none. */
export function lastNumber(text: string): number | null {
  const value = numbersIn(bounded(text)).at(-1);
  return value !== undefined && Number.isFinite(value) ? value : null;
}
