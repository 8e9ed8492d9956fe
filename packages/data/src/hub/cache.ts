import { randomUUID } from 'node:crypto';
import { rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { makeFolders, writeCache } from './make-folders.ts';

/**
 * The cache shared by all Hugging Face tools: `blobs/<etag>` hold bytes, `snapshots/<commit>/<path>` link to them,
 * `refs/<revision>` name commits. A file that another tool has downloaded is not downloaded again, and vice versa.
 */
interface DatasetCache {
  blob(etag: string): string;
  /** Path of a commit's file, or null if it is not in the cache. */
  find(commit: string, path: string): Promise<string | null>;
  /** Makes a blob a file of a commit. @returns The path of that file. */
  link(commit: string, path: string, etag: string): Promise<string>;
  writeRef(revision: string, commit: string): Promise<void>;
}

export function openCache(cacheFolder: string, dataset: string): DatasetCache {
  const folder = join(cacheFolder, `datasets--${dataset.replaceAll('/', '--')}`);
  const blob = (etag: string) => join(folder, 'blobs', etag);
  const place = (commit: string, path: string) => join(folder, 'snapshots', commit, path);
  return {
    blob,
    find: async (commit, path) => ((await isFile(place(commit, path))) ? place(commit, path) : null),
    link: async (commit, path, etag) => {
      const at = place(commit, path);
      await makeFolders(dirname(at));
      // A name of fixed length: the file's own name may have the maximum length already.
      const aside = join(dirname(at), `.${randomUUID()}.link`);
      await symlink(relative(dirname(at), blob(etag)), aside);
      await rename(aside, at);
      return at;
    },
    writeRef: async (revision, commit) =>
      writeCache(cacheFolder, async () => {
        const at = join(folder, 'refs', revision);
        await makeFolders(dirname(at));
        await writeFile(at, commit);
      }),
  };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
