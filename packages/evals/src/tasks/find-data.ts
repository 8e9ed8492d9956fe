import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { noData } from '../rows/read-rows.ts';

/** Endings of files in JSON Lines. */
const LINES = ['.jsonl', '.jsonl.gz'] as const;

/** The files of a benchmark by their names without ending: its splits, such as `test` and `train`. */
export type Splits = ReadonlyMap<string, string>;

/**
 * Finds the files of a task: in the folder with its name if there is one, otherwise in `folder` itself.
 *
 * @throws CogumiError EVAL_DATA if it is no folder, or no file has one of the endings.
 */
export async function findFiles(folder: string, task: string, endings: readonly string[] = LINES): Promise<Splits> {
  const own = join(folder, task);
  const place = (await stat(own).catch(() => null))?.isDirectory() ? own : folder;
  const names = await readdir(place).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOTDIR' ? 'is a file' : `cannot be read (${cause.code})`;
    throw noData(`${place} was to be a folder with the files of ${task}; it ${why}.`, HINT, cause);
  });
  const files = new Map<string, string>();
  for (const name of names.toSorted()) {
    const ending = endings.find((end) => name.endsWith(end));
    if (ending) files.set(name.slice(0, -ending.length), join(place, name));
  }
  if (files.size > 0) return files;
  throw noData(`${place} has no file of ${task}: none ends in ${endings.join(' or ')}.`, HINT);
}

/** A folder that a task has besides its file: NLTK's parameters of sentences. @throws CogumiError EVAL_DATA if it is not there. */
export async function findFolder(folder: string, task: string, name: string): Promise<string> {
  for (const place of [join(folder, task, name), join(folder, name)]) {
    if ((await stat(place).catch(() => null))?.isDirectory()) return place;
  }
  throw noData(
    `${folder} has no folder ${name} for ${task}, which divides answers into sentences as NLTK does.`,
    `Unpack punkt_tab.zip of nltk_data, and put its folder ${name} beside the file of ${task}.`,
  );
}

const HINT = 'Name the folder that has the task as a folder, or its files, such as test.jsonl.';

/** The file of one split. @throws CogumiError EVAL_DATA with the splits that there are. */
export function splitPath(splits: Splits, split: string, purpose: string, hint: string): string {
  const path = splits.get(split);
  if (path !== undefined) return path;
  throw noData(`There is no split "${split}" ${purpose}; there is ${[...splits.keys()].join(', ')}.`, hint);
}
