import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';
import { withinTime } from './within-time.ts';

/** Longest search for a pattern: others backtrack without end (chosen; usual ones take microseconds). */
const MOST_MS = 250;

/** Right when the pattern (JavaScript's, in Unicode mode) matches somewhere in the answer. */
export function judgeRegex({ pattern }: { readonly pattern: string }, answer: string): Judgement {
  if (patternProblem(pattern) !== null) return wrong(`/${pattern}/ is no pattern`);
  const found = withinTime(MOST_MS, () => new RegExp(pattern, 'u').test(bounded(answer)));
  if (found === null) return wrong(`/${pattern}/ was not found within ${MOST_MS} ms`);
  return found ? { correct: true } : wrong(`/${pattern}/ does not match ${shown(answer)}`);
}

/** Why a text is no pattern; null where it is one. */
export function patternProblem(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u');
    return null;
  } catch (cause) {
    return (cause as Error).message;
  }
}
