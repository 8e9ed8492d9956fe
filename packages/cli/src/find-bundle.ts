import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './parse-call.ts';

/** Folder in which `cogumi build` puts bundles. */
const FOLDER = '.cogumi/bundles';

/** Path of the named bundle; without a name, the newest bundle that was built here. @throws UsageError if there is none. */
export async function findBundle(named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const names = (await readdir(FOLDER).catch(() => [])).filter((name) => name.endsWith('.cogumi'));
  const found = await Promise.all(
    names.map(async (name) => ({ path: join(FOLDER, name), builtAt: (await stat(join(FOLDER, name))).mtimeMs })),
  );
  const newest = found.sort((left, right) => right.builtAt - left.builtAt)[0];
  if (newest) return newest.path;
  throw new UsageError(
    `No bundle was named, and ${FOLDER} has none.`,
    'Build one with `cogumi build recipes/nano.yaml`, or name a *.cogumi file.',
  );
}
