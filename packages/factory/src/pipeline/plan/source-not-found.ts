import { existsSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { REPOSITORY_ID } from '@cogumi/data/hub';

/** Why a source cannot be read: a link that leads nowhere, as git-annex leaves it, is not a file that does not exist. */
export async function sourceNotFound(node: string, path: string, cause: NodeJS.ErrnoException): Promise<CogumiError> {
  const target = await readlink(path).catch(() => null);
  const missing = cause.code === 'ENOENT';
  const what = !missing
    ? 'cannot be read'
    : target === null
      ? 'does not exist'
      : `is a link to ${target}, which does not exist`;
  const id = path.split(sep).slice(-2).join('/');
  const hint =
    missing && target?.includes('annex/objects/')
      ? `git-annex has not fetched its content yet: git annex get ${path}`
      : missing && node === 'base' && !existsSync(dirname(path)) && REPOSITORY_ID.test(id)
        ? `For a model of the Hugging Face Hub set \`base.hub: ${id}\` instead of \`base.path\`.`
        : 'Paths in a recipe are relative to the recipe file; paths given with --set to the working folder.';
  return new CogumiError('SOURCE_NOT_FOUND', `\`${node}\` reads ${path}, which ${what}.`, hint, {
    cause,
    exitCode: EXIT.usage,
  });
}
