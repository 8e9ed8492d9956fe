import type { ExampleCheck } from '@cogumi/contracts';
import { shown } from './checker.ts';

type Kind = ExampleCheck['kind'];

/** Text that is right for no question, with letters, digits and signs. */
const NONSENSE = 'Qzvx 918273645 wjkq?';

/** Answers that are certainly wrong. A check that accepts one of them proves nothing. A teacher that judges would have to be paid. */
export const WRONG_ANSWERS: Readonly<Record<Kind, readonly string[]>> = {
  exact: ['', NONSENSE],
  contains: ['', NONSENSE],
  regex: ['', NONSENSE],
  number: ['', NONSENSE, '-918273645.5'],
  'json-schema': ['', '{"qzvx":"wjkq"}', '["qzvx"]', '"qzvx"', '-918273645.5'],
  'python-tests': ['', 'def qzvx():\n    return 918273645'],
  judge: [],
};

/** What to change in a check that accepts a wrong answer. */
export const REMEDIES: Readonly<Record<Kind, string>> = {
  exact: 'List only texts that are right for this example.',
  contains: 'Name texts that stand in right answers only.',
  regex: 'Describe the whole answer (`^…$`), and leave no alternative empty, as in `yes|`.',
  number: 'Lower `tolerance`: it is a difference in the unit of the number.',
  'json-schema':
    'Say what is right: `type`, `required`, `additionalProperties: false`, and `enum` or `pattern` for values.',
  'python-tests': 'Test what the code is asked for, as in `assert half(4) == 2`.',
  judge: '',
};

/** As the end of `accepts …`. */
export function describeWrong(answer: string): string {
  return answer === '' ? 'an empty answer' : `the answer ${shown(answer)}`;
}
