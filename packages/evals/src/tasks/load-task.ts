import { readRows } from '../rows/read-rows.ts';
import { findSplits, type Splits, splitPath } from './find-data.ts';
import { Gsm8kRow, gsm8k } from './gsm8k.ts';
import { MmluRow, mmlu } from './mmlu.ts';
import type { Task, TaskOptions } from './task.ts';

export interface LoadTaskOptions extends TaskOptions {
  /** Folder with the task's files, or with a folder of its name that has them. */
  readonly data: string;
  /** Which file is asked; default `test`, as in lm-eval. */
  readonly split?: string;
}

type Loader = (splits: Splits, split: string, options: TaskOptions) => Promise<Task>;

const LOADERS = {
  async gsm8k(splits, split, options) {
    const asked = await readRows(askedPath(splits, split), Gsm8kRow);
    if (split === 'train') return gsm8k(asked, null, options);
    if (options.shots === 0) return gsm8k(asked, { path: '', rows: [] }, options);
    const pool = splitPath(
      splits,
      'train',
      'to take the examples of gsm8k from',
      'Add train.jsonl, or ask without examples: --shots 0.',
    );
    return gsm8k(asked, await readRows(pool, Gsm8kRow), options);
  },
  async mmlu(splits, split, options) {
    const asked = await readRows(askedPath(splits, split), MmluRow);
    if (!options.shots) return mmlu(asked, null, options);
    const pool = splitPath(
      splits,
      'dev',
      'to take the examples of mmlu from',
      'Add dev.jsonl, or ask without examples: --shots 0.',
    );
    return mmlu(asked, await readRows(pool, MmluRow), options);
  },
} satisfies Record<string, Loader>;

export type TaskName = keyof typeof LOADERS;

/** Benchmarks that are known by name. */
export const TASK_NAMES = Object.keys(LOADERS) as TaskName[];

/** Reads a benchmark from its published files. @throws CogumiError EVAL_DATA, EVAL_ROW, EVAL_KEY, EVAL_SHOTS. */
export async function loadTask(name: TaskName, { data, split = 'test', ...options }: LoadTaskOptions): Promise<Task> {
  return LOADERS[name](await findSplits(data, name), split, options);
}

function askedPath(splits: Splits, split: string): string {
  const other = [...splits.keys()].find((name) => name !== split);
  return splitPath(splits, split, 'to ask', `Name one that there is, such as --split ${other ?? split}.`);
}
