import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { noData } from '../rows/read-rows.ts';

const ENDINGS = ['.jsonl', '.jsonl.gz'] as const;

/** The files of a benchmark by their splits, such as `test` and `train`. */
export type Splits = ReadonlyMap<string, string>;

/**
 * Finds the files of a task: in the folder with its name if there is one, otherwise in `folder` itself.
 *
 * @throws CogumiError EVAL_DATA if it is no folder, or has no file in JSON Lines.
 */
export async function findSplits(folder: string, task: string): Promise<Splits> {
  const own = join(folder, task);
  const place = (await stat(own).catch(() => null))?.isDirectory() ? own : folder;
  const names = await readdir(place).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOTDIR' ? 'is a file' : `cannot be read (${cause.code})`;
    throw noData(`${place} was to be a folder with the files of ${task}; it ${why}.`, HINT, cause);
  });
  const splits = new Map<string, string>();
  for (const name of names.toSorted()) {
    const ending = ENDINGS.find((end) => name.endsWith(end));
    if (ending) splits.set(name.slice(0, -ending.length), join(place, name));
  }
  if (splits.size > 0) return splits;
  throw noData(`${place} has no file of ${task}: none ends in ${ENDINGS.join(' or ')}.`, HINT);
}

const HINT = 'Name the folder that has the task as a folder, or its files, such as test.jsonl.';

/** The file of one split. @throws CogumiError EVAL_DATA with the splits that there are. */
export function splitPath(splits: Splits, split: string, purpose: string, hint: string): string {
  const path = splits.get(split);
  if (path !== undefined) return path;
  throw noData(`There is no split "${split}" ${purpose}; there is ${[...splits.keys()].join(', ')}.`, hint);
}
