import { CogumiError, EXIT } from '@cogumi/contracts';

/**
 * A row of a benchmark that cannot be used.
 *
 * @param code - EVAL_ROW: it has another form; EVAL_KEY: its answer key cannot be right.
 * @param at - Place of the row, from 0.
 */
export function rowError(
  code: 'EVAL_ROW' | 'EVAL_KEY',
  path: string,
  at: number,
  expected: string,
  found: string,
): CogumiError {
  const what = code === 'EVAL_KEY' ? 'its answer key' : 'it';
  return new CogumiError(
    code,
    `Row ${at + 1} of ${path} cannot be used: expected that ${what} ${expected}, but it ${found}.`,
    'Take the file as its authors published it, or correct or remove that row.',
    { exitCode: EXIT.usage },
  );
}
