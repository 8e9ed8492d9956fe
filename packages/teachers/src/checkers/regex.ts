import { createContext, Script } from 'node:vm';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';

/** Longest search for a pattern: others backtrack without end (chosen; usual ones take microseconds). */
const MOST_MS = 250;

// A context of its own, since only there a search can be stopped.
const room = createContext({ pattern: '', text: '' });
const search = new Script('new RegExp(pattern, "u").test(text)');

/** Right when the pattern (JavaScript's, in Unicode mode) matches somewhere in the answer. */
export function judgeRegex({ pattern }: { readonly pattern: string }, answer: string): Judgement {
  Object.assign(room, { pattern, text: bounded(answer) });
  try {
    const found: unknown = search.runInContext(room, { timeout: MOST_MS });
    return found === true ? { correct: true } : wrong(`/${pattern}/ does not match ${shown(answer)}`);
  } catch (cause) {
    const stopped = (cause as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return wrong(stopped ? `/${pattern}/ was not found within ${MOST_MS} ms` : `/${pattern}/ is no pattern`);
  }
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
