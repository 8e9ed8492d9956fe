import { randomUUID } from 'node:crypto';
import { rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { makeFolders, writeCache } from './make-folders.ts';

/**
 * The cache that all tools of the hub share: `blobs/<etag>` hold bytes, `snapshots/<commit>/<path>` are links to them,
 * `refs/<revision>` name commits. What another tool has fetched is not fetched again, and the other way round.
 */
interface DatasetCache {
  blob(etag: string): string;
  /** A file of a commit, if it is there. */
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
      // Of a length of its own: that of the file may be all that a folder allows.
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
