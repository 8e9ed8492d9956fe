import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CogumiError, EXIT, type FileEntry } from '@cogumi/contracts';
import { hashJson } from '@cogumi/pure';

/** SHA-256 of a file's bytes in hex, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * Every regular file below `folder` with size and hash, sorted by path; paths use `/`. Names at the top level that begin with
 * a dot are skipped. Links are followed: snapshots in the Hugging Face cache are folders of links.
 *
 * @throws CogumiError LINK_BROKEN; LINK_CYCLE for a link to a folder that contains it.
 */
export async function listFiles(folder: string): Promise<FileEntry[]> {
  const paths: string[] = [];
  const walk = async (inside: string, above: readonly string[]): Promise<void> => {
    const open = [...above, await realpath(join(folder, inside))];
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      if (inside === '' && entry.name.startsWith('.')) continue;
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      const kind = entry.isSymbolicLink() ? await follow(join(folder, path), open) : entry;
      if (kind.isDirectory()) await walk(path, open);
      else if (kind.isFile()) paths.push(path);
    }
  };
  await walk('', []);

  const entries: FileEntry[] = [];
  for (const path of paths.sort()) {
    const full = join(folder, path);
    entries.push({ path, bytes: (await stat(full)).size, sha256: await hashFile(full) });
  }
  return entries;
}

/**
 * One hash of a file or folder from outside the store. Names and bytes count; location and modification time do not.
 *
 * @throws CogumiError SOURCE_EMPTY for a folder without files: all of them would have one hash. Also as `listFiles`.
 */
export async function hashPath(path: string): Promise<string> {
  if ((await stat(path)).isFile()) return hashFile(path);
  const entries = await listFiles(path);
  if (entries.length === 0) {
    throw new CogumiError(
      'SOURCE_EMPTY',
      `${path} contains no files (hidden files do not count).`,
      'Put the files there, or name the folder that contains them.',
      { exitCode: EXIT.usage },
    );
  }
  return hashJson(entries);
}

/** The target of a link. `open`: real paths of the folders that contain the link. */
async function follow(link: string, open: readonly string[]): Promise<Stats> {
  const target = await realpath(link).catch(async (cause: unknown) => {
    throw new CogumiError(
      'LINK_BROKEN',
      `${link} is a link to ${await readlink(link)}, which cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      'Fetch the target, or remove the link.',
      { cause, exitCode: EXIT.usage },
    );
  });
  if (open.includes(target)) {
    throw new CogumiError(
      'LINK_CYCLE',
      `${link} leads back to ${target}, which contains it.`,
      'Remove the link: its target is read already.',
      { exitCode: EXIT.usage },
    );
  }
  return stat(target);
}
