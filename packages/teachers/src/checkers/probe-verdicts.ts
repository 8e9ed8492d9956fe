import type { Judgement } from '../procedural/task.ts';
import { judgeContains } from './contains.ts';
import { judgeExact } from './exact.ts';
import { judgeJsonSchema } from './json-schema.ts';
import { judgeNumber } from './number.ts';
import { readAssertion } from './read-assertion.ts';
import { judgeRegex } from './regex.ts';
import { withoutFence } from './without-fence.ts';

const ANSWERS = [
  '',
  'Yes.',
  'yes, 12',
  '112',
  'It is −1,250.5 or so',
  '**YES**',
  '{"a": 1}',
  'Sure:\n```json\n{"a": 1}\n```',
  'assert f(1) == "a, b", "no"',
];

const CHECKS: readonly ((answer: string) => Judgement)[] = [
  (answer) => judgeExact({ accepted: ['yes', '112'] }, answer),
  (answer) => judgeContains({ accepted: ['YES', '12'] }, answer),
  (answer) => judgeRegex({ pattern: '^\\p{Lu}' }, answer),
  (answer) => judgeNumber({ expected: 12, tolerance: 1300 }, answer),
  (answer) => judgeJsonSchema({ schema: { type: 'object', required: ['a'] } }, answer),
];

/** Verdicts of the exact checkers on fixed answers: they change when a checker judges otherwise. */
export function probeVerdicts(): unknown {
  return ANSWERS.map((answer) => [CHECKS.map((judge) => judge(answer)), readAssertion(answer), withoutFence(answer)]);
}
