import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ArtifactManifest, CogumiError } from '@cogumi/contracts';
import { type DataFile, type DataSet, roleOf } from './data-set.ts';
import { emptyStatistics } from './file-statistics.ts';
import { createLineIndex } from './line-index.ts';

/** Location of a stage's output: a folder of JSONL files, or one such file. */
export interface SetPlace {
  /** Name on the page, e.g. `dedup`. */
  readonly name: string;
  readonly folder: string;
}

const ORDER: Readonly<Record<DataFile['role'], number>> = { kept: 0, rejected: 1, other: 2 };

/**
 * Finds the files of each set without reading them.
 *
 * @throws CogumiError LOOK_NOT_FOUND, LOOK_NO_ROWS, with all places that fail.
 */
export async function openSets(places: readonly SetPlace[]): Promise<DataSet[]> {
  if (places.length === 0) throw new CogumiError('LOOK_NO_ROWS', 'No data set was given.', HINT);
  const results = await Promise.all(places.map(openSet));
  const failures = results.filter((result) => result instanceof CogumiError);
  const [first] = failures;
  if (first) throw new CogumiError(first.code, failures.map(({ message }) => message).join(' '), HINT);
  return results as DataSet[];
}

const HINT = 'Give folders with .jsonl files, or such files: `cogumi data look FOLDER…`.';

async function openSet({ name, folder }: SetPlace): Promise<DataSet | CogumiError> {
  const found = await stat(folder).catch(() => null);
  if (found === null) return new CogumiError('LOOK_NOT_FOUND', `${folder} (${name}) does not exist.`, HINT);
  if (found.isFile()) return { name, manifest: null, files: [await openFile(folder, 'kept')] };
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /^[^.].*\.jsonl$/.test(entry.name))
    .map((entry) => entry.name);
  if (names.length === 0) {
    return new CogumiError(
      'LOOK_NO_ROWS',
      `${folder} (${name}) has no .jsonl file among its ${entries.length} entries.`,
      HINT,
    );
  }
  const files = await Promise.all(names.map((file) => openFile(join(folder, file), roleOf(file))));
  files.sort((left, right) => ORDER[left.role] - ORDER[right.role] || (left.name < right.name ? -1 : 1));
  return { name, manifest: await readManifest(folder), files };
}

async function openFile(path: string, role: DataFile['role']): Promise<DataFile> {
  const lines = createLineIndex(path, (await stat(path)).size);
  return { name: basename(path), path, role, lines, statistics: emptyStatistics() };
}

/** The manifest, or null if it is damaged or of another version: the rows can be viewed without it. */
async function readManifest(folder: string): Promise<ArtifactManifest | null> {
  try {
    return ArtifactManifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  } catch {
    return null;
  }
}
