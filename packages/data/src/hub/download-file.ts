import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openCache } from './cache.ts';
import type { Hub } from './hub.ts';
import { HubError, TransientError } from './hub-error.ts';
import { makeFolders, writeCache } from './make-folders.ts';
import { addressOf, describeFile, nameOf, type RemoteFacts, type RemoteFile, refuseName } from './remote-file.ts';
import { retry } from './retry.ts';

interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes downloaded and the size of the file; not called for a file in the cache. */
  readonly onBytes?: (bytes: number, total: number) => void;
}

/**
 * Downloads a file into the cache, resuming where an earlier try of any process stopped. The bytes are checked against the hash that
 * the Hub gives for them before the file gets its name.
 *
 * @returns Its path in the cache.
 * @throws HubError, including HUB_CORRUPT if wrong bytes arrive twice; DISK_FULL with both sizes; HUB_SETTINGS_INVALID if the cache
 *   cannot be written.
 */
export async function downloadFile(hub: Hub, file: RemoteFile, options: DownloadOptions): Promise<string> {
  refuseName(file.repository, file.path);
  const cache = openCache(hub.settings.cacheFolder, file.repository);
  const found = await cache.find(file.commit, file.path);
  if (found) return found;
  const facts = await describeFile(hub, file, options.signal);
  const blob = cache.blob(facts.etag);
  return writeCache(hub.settings.cacheFolder, async () => {
    if (!(await sizeOf(blob))) {
      await makeFolders(dirname(blob));
      await fetchBlob(hub, file, facts, blob, options);
    }
    return cache.link(file.commit, file.path, facts.etag);
  });
}

/** Whether a file is in the cache, so that it will not be downloaded. */
export async function isCached(hub: Hub, { repository, commit, path }: RemoteFile): Promise<boolean> {
  return (await openCache(hub.settings.cacheFolder, repository).find(commit, path)) !== null;
}

async function fetchBlob(hub: Hub, file: RemoteFile, facts: RemoteFacts, blob: string, options: DownloadOptions) {
  const partial = `${blob}.incomplete`;
  for (let last = false; ; last = true) {
    await refuseFullDisk(partial, file, facts);
    // The ETag of the host that sends the bytes, which may differ from the Hub's.
    const seen: Seen = { etag: null, furthest: 0 };
    await retry(() => fetchRest(hub, file, facts, partial, seen, options), hub.patience, options.signal);
    const wrong = await findDifference(partial, facts);
    if (wrong === null) break;
    await rm(partial, { force: true });
    if (last) {
      throw new HubError(
        'HUB_CORRUPT',
        `${nameOf(file)} has ${wrong}; the Hub says ${facts.etag}. It was downloaded twice.`,
        'Something between this machine and the Hub changes files: check proxies and HF_ENDPOINT.',
      );
    }
  }
  await rename(partial, blob);
}

interface Seen {
  etag: string | null;
  /** Most bytes so far: a host that keeps starting over, or sends nothing, makes no progress. */
  furthest: number;
}

/** Downloads the rest of a partial file. */
async function fetchRest(
  hub: Hub,
  file: RemoteFile,
  { bytes }: RemoteFacts,
  partial: string,
  seen: Seen,
  { signal, onBytes }: DownloadOptions,
): Promise<void> {
  let have = await sizeOf(partial);
  if (have > bytes) {
    await rm(partial);
    have = 0;
  }
  if (have === bytes && have > 0) return;
  seen.furthest = Math.max(seen.furthest, have);
  const target = { repository: file.repository, revision: file.commit, file: file.path };
  const headers: Record<string, string> = {};
  if (have > 0) headers.range = `bytes=${have}-`;
  if (have > 0 && seen.etag) headers['if-range'] = seen.etag;
  const reply = await hub.request({ url: addressOf(hub, file), target, signal, headers });
  // Status 200 for a range: the server does not support ranges, or the file has changed. Start over in both cases.
  if (reply.status !== 206) have = 0;
  const etag = reply.header('etag');
  seen.etag = etag?.startsWith('W/') ? null : etag;
  const handle = await open(partial, have > 0 ? 'a' : 'w').catch(async (cause: unknown) => {
    await reply.close();
    throw cause;
  });
  try {
    for await (const chunk of reply.chunks()) {
      await handle.appendFile(chunk);
      have += chunk.length;
      // The expected file is smaller: the rest would only fill the disk.
      if (have > bytes) break;
      onBytes?.(have, bytes);
    }
  } catch (cause) {
    if (!(cause instanceof TransientError)) throw cause;
    throw new TransientError(cause.final, cause.waitMs, have > seen.furthest);
  } finally {
    await handle.close();
  }
  if (have < bytes) {
    const message = `${nameOf(file)} ended after ${have} of ${bytes} bytes.`;
    const final = new HubError('HUB_UNREACHABLE', message, 'Run the same command again: the download resumes.');
    throw new TransientError(final, null, have > seen.furthest);
  }
}

async function refuseFullDisk(partial: string, file: RemoteFile, { bytes }: RemoteFacts): Promise<void> {
  const missing = bytes - (await sizeOf(partial));
  const { bavail, bsize } = await statfs(dirname(partial));
  if (missing <= bavail * bsize) return;
  throw new HubError(
    'DISK_FULL',
    `${nameOf(file)} needs ${missing} bytes in ${dirname(partial)}; ${bavail * bsize} are free.`,
    'Free some space, or set HF_HUB_CACHE to a folder on a larger disk.',
  );
}

/** Compares the bytes with the Hub's hash: SHA-256 of a large file, the git object id of a small one. @returns null if they match. */
async function findDifference(path: string, { etag, bytes }: RemoteFacts): Promise<string | null> {
  const size = await sizeOf(path);
  if (size > bytes) return `more than ${bytes} bytes`;
  if (size !== bytes) return `${size} bytes instead of ${bytes}`;
  const hash = etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  const found = hash.digest('hex');
  return found === etag ? null : `the hash ${found}`;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
