import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, type Checker } from './checker.ts';
import { readAssertion } from './read-assertion.ts';
import { withoutFence } from './without-fence.ts';

/**
 * Right when all tests hold after the answer's code has run in the sandbox. Tests are Python assertions (`assert f(2) == 4`)
 * of one line; the condition of each has to be true. A program that redefines what `==` means for its own values could pass:
 * tests prove answers of models, not of attackers.
 */
export const checkPythonTests: Checker<{ readonly tests: readonly string[] }> = async (items, { runPrograms }) => {
  const programs = items.map(({ check, answer }) => ({
    code: withoutFence(bounded(answer)),
    calls: check.tests.map((test) => ({ call: `not not (${readAssertion(test)})`, expected: 'True' })),
  }));
  const results = await runPrograms(programs);
  return results.map(({ passed, reason }): Judgement => (passed ? { correct: true } : wrong(reason)));
};
