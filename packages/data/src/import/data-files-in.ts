import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { chooseFiles } from '../hub/choose-files.ts';

/**
 * The data files in a folder and the folders below it, chosen as from a dataset of the Hub: see `chooseFiles`. Hidden folders and
 * stores of Cogumi are left out: their rows are results, and a store changes while it is read.
 *
 * @throws CogumiError SOURCE_EMPTY.
 */
export async function dataFilesIn(folder: string): Promise<string[]> {
  const chosen = chooseFiles(await listBelow(folder, ''), null);
  if (chosen.length > 0) return chosen.map((path) => join(folder, path));
  throw new CogumiError(
    'SOURCE_EMPTY',
    `${folder} has no data file for training: JSON Lines, JSON, CSV, TSV or Parquet.`,
    'Name files, or another folder.',
    { exitCode: EXIT.usage },
  );
}

async function listBelow(root: string, inside: string): Promise<string[]> {
  const entries = await readdir(join(root, inside), { withFileTypes: true });
  if (entries.some(({ name }) => name === 'store.json')) return [];
  const found: string[] = [];
  for (const entry of entries) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.push(...(await listBelow(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return found;
}
