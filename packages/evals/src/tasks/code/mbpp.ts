import { z } from 'zod';
import type { RowFile } from '../../rows/read-rows.ts';
import { rowError } from '../../rows/row-error.ts';
import { firstShots } from '../../shots/draw-shots.ts';
import { type CodeItem, MAX_ANSWER_TOKENS, type Task, type TaskOptions } from '../task.ts';
import examples from './mbpp-examples.json' with { type: 'json' };
import { sampled } from './samples.ts';
import { smallNumpyFor } from './small-numpy.ts';

/** A row of MBPP (Austin et al. 2021) or MBPP+ (Liu et al. 2023), which calls the question `prompt`. */
export const MbppRow = z
  .object({
    task_id: z.int(),
    text: z.string().min(1).optional(),
    prompt: z.string().min(1).optional(),
    test_list: z.array(z.string()).min(3),
    test: z.string().optional(),
  })
  .refine(({ text, prompt }) => text !== undefined || prompt !== undefined, { path: ['text'], message: 'missing' });
export type MbppRow = z.infer<typeof MbppRow>;

/** The rows of each split, by their `task_id`; the others are the examples of the authors' prompts. */
const SPLITS = { test: [11, 510], validation: [511, 600], train: [601, 974] } as const;
export type MbppSplit = keyof typeof SPLITS;
export const MBPP_SPLITS = Object.keys(SPLITS) as MbppSplit[];

/** Those rows of a file, in its order. */
export function mbppSplit({ path, rows }: RowFile<MbppRow>, split: MbppSplit): RowFile<MbppRow> {
  const [first, last] = SPLITS[split];
  return { path, rows: rows.filter(({ task_id: id }) => id >= first && id <= last) };
}

/**
 * MBPP and MBPP+ with lm-eval's prompts: the task with three of its tests, behind three examples that are the same for all rows. The
 * answer is run with these three tests, also in lm-eval's `mbpp_plus`; in `evalplus_mbpp` with all those of MBPP+, as evalplus does.
 *
 * @throws CogumiError EVAL_SHOTS; EVAL_KEY where a row of `evalplus_mbpp` has no such tests.
 */
export function mbpp(
  name: 'mbpp' | 'mbpp_plus' | 'evalplus_mbpp',
  { path, rows }: RowFile<MbppRow>,
  { shots = 3, limit = Number.POSITIVE_INFINITY, ...options }: TaskOptions = {},
): Task {
  const shown = firstShots(examples, shots).map((example) => `${question(example)}${example.code}\n[DONE]\n\n`);
  const items = rows.slice(0, limit).map((row, at): CodeItem => {
    const tests = name === 'evalplus_mbpp' ? row.test : row.test_list.slice(0, 3).join('\n');
    if (tests === undefined) throw rowError('EVAL_KEY', path, at, 'has tests in "test"', 'has none there');
    return {
      id: `${name}-${row.task_id}`,
      group: null,
      request: {
        kind: 'generate',
        prompt: shown.join('') + question(row),
        stop: ['[DONE]'],
        maxTokens: MAX_ANSWER_TOKENS,
      },
      problem: `${name}-${row.task_id}`,
      program: (answer) => `${answer}\n${smallNumpyFor(tests)}${tests}`,
    };
  });
  const harness = name === 'evalplus_mbpp' ? null : { task: name, version: 1 };
  return { name, harness, shots, metric: null, items: sampled(items, options) };
}

function question({ text, prompt, test_list: tests }: Omit<MbppRow, 'task_id'>): string {
  const task = `You are an expert Python programmer, and here is your task: ${prompt ?? text}`;
  return `${task} Your code should pass these tests:\n\n${tests.slice(0, 3).join('\n')}\n[BEGIN]\n`;
}
