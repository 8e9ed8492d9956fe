import { matchesGlob } from 'node:path/posix';

/** Formats that are read, the one that says most about its own content first. */
const ENDINGS = ['.parquet', '.jsonl', '.ndjson', '.json', '.csv', '.tsv'] as const;

/** Descriptions of a dataset that end like its data. */
const NO_DATA = /(^|\/)(\.|dataset_infos?\.json$|dataset_dict\.json$|state\.json$)/;

/** Words that name a split where they stand alone in a path, as the hub's own loader knows them. */
const SPLITS = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
} as const;
type Split = keyof typeof SPLITS;

/**
 * The files of a dataset to read, sorted.
 *
 * Given patterns decide alone. Without them: data files whose path names the split for training; where none does, those that
 * name no split; of several formats the one with most files, since the others usually hold the same rows again.
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
  // The last word counts: `train/test.json` of a repository called train is its test split.
  const last = words.findLast((word) => names.some(([, known]) => known.includes(word)));
  return last === undefined ? null : (names.find(([, known]) => known.includes(last))?.[0] ?? null);
}
