import type { ExampleCheck } from '@cogumi/contracts';
import { type Checker, eachAnswer } from './checker.ts';
import { judgeContains } from './contains.ts';
import { judgeExact } from './exact.ts';
import { judgeJsonSchema } from './json-schema.ts';
import { judgeNumber } from './number.ts';
import { checkPythonTests } from './python-tests.ts';
import { judgeRegex } from './regex.ts';
import { checkByTeacher } from './teacher-judge.ts';

type Checkers = { readonly [Kind in ExampleCheck['kind']]: Checker<Extract<ExampleCheck, { kind: Kind }>> };

/** Every checker that a domain of a recipe may name; a new one is a line here, one in `options.ts` and one in the contracts. */
export const CHECKERS: Checkers = {
  exact: eachAnswer(judgeExact),
  contains: eachAnswer(judgeContains),
  regex: eachAnswer(judgeRegex),
  number: eachAnswer(judgeNumber),
  'json-schema': eachAnswer(judgeJsonSchema),
  'python-tests': checkPythonTests,
  judge: checkByTeacher,
};
