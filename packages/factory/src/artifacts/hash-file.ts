import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileEntry } from '@cogumi/contracts';
import { hashJson } from './canonical-json.ts';

/** SHA-256 of a file's bytes in hex, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Every regular file below `folder` with size and hash, sorted by path; paths use `/`. Hidden names and `leaveOut` are skipped. */
export async function listFiles(folder: string, leaveOut: readonly string[] = []): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = relative(folder, full).split(sep).join('/');
    const top = path.split('/')[0] as string;
    if (top.startsWith('.') || leaveOut.includes(top)) continue;
    entries.push({ path, bytes: (await stat(full)).size, sha256: await hashFile(full) });
  }
  return entries.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** One hash for a file or a folder given from outside: names and bytes count, place and time do not. */
export async function hashPath(path: string): Promise<string> {
  if ((await stat(path)).isFile()) return hashFile(path);
  return hashJson(await listFiles(path));
}
