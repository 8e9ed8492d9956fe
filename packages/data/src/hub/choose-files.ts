import { matchesGlob } from 'node:path/posix';

/** Supported formats, the most self-describing first. */
const ENDINGS = ['.parquet', '.jsonl', '.ndjson', '.json', '.csv', '.tsv'] as const;

/** Metadata files whose extension is that of a data file. */
const NO_DATA = /(^|\/)(\.|dataset_infos?\.json$|dataset_dict\.json$|state\.json$)/;

/** Words that name a split if they are separate words of a path, as in the loader of `datasets`. */
const SPLITS = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
} as const;
type Split = keyof typeof SPLITS;

/**
 * Chooses the files of a dataset to read, sorted.
 *
 * With patterns: the files that match. Without: the data files whose path names the train split; if none does, those that name no
 * split. Of several formats the one with most files is chosen, because the others usually repeat the same rows.
 */
export function chooseFiles(paths: readonly string[], patterns: readonly string[] | null): string[] {
  if (patterns) return paths.filter((path) => patterns.some((pattern) => matchesGlob(path, pattern))).sort();
  const data = paths.filter((path) => endingOf(path) !== null && !NO_DATA.test(path));
  const named = data.filter((path) => splitOf(path) === 'train');
  const chosen = named.length > 0 ? named : data.filter((path) => splitOf(path) === null);
  const counts = ENDINGS.map((ending) => chosen.filter((path) => endingOf(path) === ending).length);
  const most = ENDINGS[counts.indexOf(Math.max(...counts))];
  return chosen.filter((path) => endingOf(path) === most).sort();
}

function endingOf(path: string): (typeof ENDINGS)[number] | null {
  const plain = path.replace(/\.(gz|zst)$/, '');
  return ENDINGS.find((ending) => plain.endsWith(ending)) ?? null;
}

function splitOf(path: string): Split | null {
  const words = path.toLowerCase().split(/[^a-z]+/);
  const names = Object.entries(SPLITS) as [Split, readonly string[]][];
  // The last word counts: `train/test.json` is the test split of a folder called train.
  const last = words.findLast((word) => names.some(([, known]) => known.includes(word)));
  return last === undefined ? null : (names.find(([, known]) => known.includes(last))?.[0] ?? null);
}
