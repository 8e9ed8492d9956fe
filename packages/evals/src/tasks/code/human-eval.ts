import { z } from 'zod';
import type { RowFile } from '../../rows/read-rows.ts';
import { rowError } from '../../rows/row-error.ts';
import type { CodeItem, Task, TaskOptions } from '../task.ts';
import { sampled } from './samples.ts';
import { smallNumpyFor } from './small-numpy.ts';

/** A row of HumanEval (Chen et al. 2021) or HumanEval+ in the same form (Liu et al. 2023). */
export const HumanEvalRow = z.object({
  task_id: z.string().min(1),
  prompt: z.string().min(1),
  entry_point: z.string().min(1),
  test: z.string().min(1),
});
export type HumanEvalRow = z.infer<typeof HumanEvalRow>;

/** lm-eval's `until` of its task `humaneval`: what begins a new statement behind the function. */
const STOP = ['\nclass', '\ndef', '\n#', '\nif', '\nprint'];
const MAX_TOKENS = 1024;

/**
 * HumanEval and HumanEval+ with lm-eval's prompts: the head of a function, which the model completes.
 *
 * @throws CogumiError EVAL_KEY where the tests of a row do not call the function that it names.
 */
export function humanEval(
  name: 'humaneval' | 'humaneval_plus',
  { path, rows }: RowFile<HumanEvalRow>,
  { limit = Number.POSITIVE_INFINITY, ...options }: TaskOptions = {},
): Task {
  const items = rows.slice(0, limit).map(({ task_id: id, prompt, entry_point: entry, test }, at): CodeItem => {
    if (!prompt.includes(entry))
      throw rowError('EVAL_KEY', path, at, `tests a function of its prompt`, `tests ${entry}`);
    return {
      id,
      group: null,
      request: { kind: 'generate', prompt, stop: STOP, maxTokens: MAX_TOKENS },
      problem: id,
      program: (answer) => `${prompt}${answer}\n${smallNumpyFor(test)}${test}\ncheck(${entry})`,
    };
  });
  return { name, harness: { task: name, version: 1 }, shots: 0, metric: null, items: sampled(items, options) };
}
