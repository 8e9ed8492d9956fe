import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { UsageError } from './parse-call.ts';

/** Folder in which `cogumi build` puts bundles. */
const FOLDER = '.cogumi/bundles';
const ENDING = '.cogumi';
const BUILD = 'Build one with `cogumi build recipes/nano.yaml`, or name a *.cogumi file.';

/** Names of the bundles in the store, newest first. */
async function listBundles(): Promise<string[]> {
  const files = (await readdir(FOLDER).catch(() => [])).filter((name) => name.endsWith(ENDING));
  const found = await Promise.all(
    files.map(async (name) => ({ name, builtAt: (await stat(join(FOLDER, name))).mtimeMs })),
  );
  return found.sort((left, right) => right.builtAt - left.builtAt).map(({ name }) => name.slice(0, -ENDING.length));
}

/**
 * Path of the bundle that an argument names: a file, or a bundle of the store by its name. Without an argument it is the newest
 * of the store. Every verb that takes a bundle asks here.
 *
 * @throws UsageError, CogumiError BUNDLE_NOT_FOUND with what the store has.
 */
export async function findBundle(named: string | undefined): Promise<string> {
  const names = await listBundles();
  if (named === undefined) {
    const [newest] = names;
    if (newest !== undefined) return join(FOLDER, newest + ENDING);
    throw new UsageError(`No bundle was named, and ${FOLDER} has none.`, BUILD);
  }
  const info = await stat(named).catch(() => null);
  if (info?.isFile()) return named;
  const bare = named.endsWith(ENDING) ? named.slice(0, -ENDING.length) : named;
  if (names.includes(bare)) return join(FOLDER, bare + ENDING);
  // A folder is read as a bundle, which says what is wrong with it.
  if (info) return named;
  const near = nearest(bare, names);
  throw new CogumiError(
    'BUNDLE_NOT_FOUND',
    `There is no file ${named}, and no bundle "${bare}" in ${FOLDER}.${near === null ? '' : ` Did you mean "${near}"?`}`,
    names.length === 0 ? `${FOLDER} has no bundle. ${BUILD}` : `${FOLDER} has ${names.join(', ')}.`,
    { exitCode: EXIT.failed },
  );
}
