import { readlink } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';

/** Why a source cannot be read: a link that leads nowhere, as git-annex leaves it, is not a file that does not exist. */
export async function sourceNotFound(node: string, path: string, cause: NodeJS.ErrnoException): Promise<CogumiError> {
  const target = await readlink(path).catch(() => null);
  const missing = cause.code === 'ENOENT';
  const what = !missing
    ? 'cannot be read'
    : target === null
      ? 'does not exist'
      : `is a link to ${target}, which does not exist`;
  const hint =
    missing && target?.includes('annex/objects/')
      ? `git-annex has not fetched its content yet: git annex get ${path}`
      : 'Paths in a recipe are relative to the recipe file; paths given with --set to the working folder.';
  return new CogumiError('SOURCE_NOT_FOUND', `\`${node}\` reads ${path}, which ${what}.`, hint, {
    cause,
    exitCode: EXIT.usage,
  });
}
