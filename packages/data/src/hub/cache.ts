import { randomUUID } from 'node:crypto';
import { readdir, readFile, readlink, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { makeFolders, writeCache } from './make-folders.ts';
import { folderOf, type ListedFile, type Repository } from './repository.ts';

/**
 * The cache shared by all Hugging Face tools: `blobs/<etag>` hold bytes, `snapshots/<commit>/<path>` link to them,
 * `refs/<revision>` name commits. A file that another tool has downloaded is not downloaded again, and vice versa.
 */
interface RepositoryCache {
  blob(etag: string): string;
  /** Path of a commit's file, or null if it is not in the cache. */
  find(commit: string, path: string): Promise<string | null>;
  /** Makes a blob a file of a commit. @returns The path of that file. */
  link(commit: string, path: string, etag: string): Promise<string>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** The commit that a revision had when any tool asked for it last; null if none did. */
  readRef(revision: string): Promise<string | null>;
  /** The files of a commit that are here, at any depth; none of a commit that is not. */
  list(commit: string): Promise<ListedFile[]>;
}

export function openCache(cacheFolder: string, repository: Repository): RepositoryCache {
  const folder = join(cacheFolder, folderOf(repository));
  const blob = (etag: string) => join(folder, 'blobs', etag);
  const place = (commit: string, path: string) => join(folder, 'snapshots', commit, path);
  return {
    blob,
    readRef: async (revision) =>
      (await readFile(join(folder, 'refs', revision), 'utf8').catch(() => null))?.trim() ?? null,
    list: async (commit) => {
      const snapshot = join(folder, 'snapshots', commit);
      const paths = await readdir(snapshot, { recursive: true }).catch(() => []);
      const files: ListedFile[] = [];
      for (const path of paths.sort()) {
        const link = await readlink(join(snapshot, path)).catch(() => null);
        const info = await stat(join(snapshot, path)).catch(() => null);
        if (link !== null && info?.isFile()) files.push({ path, bytes: info.size, hash: basename(link) });
      }
      return files;
    },
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
