import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { REPOSITORY_ID } from '@cogumi/data/hub';
import { nearest } from '@cogumi/pure';

/** Why a source cannot be read: a link that leads nowhere, as git-annex leaves it, is not a file that does not exist. */
export async function sourceNotFound(node: string, path: string, cause: NodeJS.ErrnoException): Promise<CogumiError> {
  const target = await readlink(path).catch(() => null);
  const missing = cause.code === 'ENOENT';
  const what = !missing
    ? 'cannot be read'
    : target === null
      ? 'does not exist'
      : `is a link to ${target}, which does not exist`;
  const hint = !missing
    ? `The system says: ${cause.message}. Mind its permissions and those of the folders above.`
    : target === null
      ? await hintFor(node, path)
      : hintForLink(path, target);
  return new CogumiError('SOURCE_NOT_FOUND', `\`${node}\` reads ${path}, which ${what}.`, hint, {
    cause,
    exitCode: EXIT.usage,
  });
}

function hintForLink(path: string, target: string): string {
  return target.includes('annex/objects/')
    ? `git-annex has not fetched its content yet: git annex get ${path}`
    : 'Repair the link, or name the file itself.';
}

async function hintFor(node: string, path: string): Promise<string> {
  const folder = dirname(path);
  const script = await scriptThatFetches(path);
  if (script !== null) return `Fetch it first, it is free: ${script}`;
  const id = path.split(sep).slice(-2).join('/');
  if (node === 'base' && !existsSync(folder) && !path.endsWith('.gguf') && REPOSITORY_ID.test(id)) {
    return `For a model of the Hugging Face Hub set \`base.hub: ${id}\` instead of \`base.path\`.`;
  }
  const like = nearest(basename(path), await readdir(folder).catch(() => []));
  const meant = like === null ? '' : `Did you mean ${join(folder, like)}? `;
  return `${meant}Paths in a recipe are relative to the recipe file; those on the command line to the working folder.`;
}

/** The command that fetches a model of this repository's recipes: the script of `models/` that names the file; null: none does. */
async function scriptThatFetches(path: string): Promise<string | null> {
  const cache = join('.cache', 'models', basename(path));
  if (!path.endsWith(sep + cache)) return null;
  const root = path.slice(0, -cache.length);
  for (const name of await readdir(join(root, 'models')).catch(() => [])) {
    if (!name.endsWith('.py')) continue;
    const script = join(root, 'models', name);
    if (!(await readFile(script, 'utf8')).includes(`"${basename(path)}"`)) continue;
    const here = (one: string) => relative(process.cwd(), one);
    return `${here(join(root, '.venv/bin/python'))} ${here(script)}`;
  }
  return null;
}
