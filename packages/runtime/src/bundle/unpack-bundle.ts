import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CogumiError } from '@cogumi/contracts';
import { makeFolder } from '@cogumi/pure';
import { copyBlob } from './copy-blob.ts';
import type { TarEntry } from './tar-entries.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

export interface UnpackedBundle {
  readonly basePath: string;
  /** Name of each modifier to the path of its GGUF adapter. */
  readonly adapterPaths: Readonly<Record<string, string>>;
  /** Of the draft model; left out: the bundle has none. */
  readonly draftPath?: string;
}

/** A partial file that has not changed for this long has lost its writer (chosen). */
const ABANDONED_MS = 3_600_000;

/**
 * Unpacks base and adapters of a verified bundle into files that llama.cpp can map: one file per blob, named by its hash and
 * shared by all bundles. An existing file is hashed again and replaced if it differs. A file appears only when it is complete.
 * Partial files of killed processes are removed by the first call after an hour.
 *
 * @throws CogumiError CACHE_UNWRITABLE; BundleError if the bundle has changed since it was verified; the signal's reason.
 */
export async function unpackBundle(
  bundle: VerifiedBundle,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<UnpackedBundle> {
  const folder = join(cacheFolder, 'blobs');
  const { base, modifiers, draft } = bundle.config;
  try {
    makeFolder(folder);
    await removeAbandoned(folder);
    const basePath = await unpackBlob(bundle, base.digest, folder, signal);
    const adapterPaths: Record<string, string> = {};
    for (const { name, digest } of modifiers) adapterPaths[name] = await unpackBlob(bundle, digest, folder, signal);
    if (!draft) return { basePath, adapterPaths };
    return { basePath, adapterPaths, draftPath: await unpackBlob(bundle, draft.digest, folder, signal) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CogumiError) throw error;
    throw new CogumiError(
      'CACHE_UNWRITABLE',
      `${bundle.path} cannot be unpacked into ${folder}: ${(error as Error).message}.`,
      `It needs about ${Math.ceil(bundle.bytes / 2 ** 20)} MiB there; set COGUMI_CACHE to another folder.`,
      { cause: error },
    );
  }
}

async function unpackBlob(
  bundle: VerifiedBundle,
  digest: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = join(folder, digest.replace(':', '-'));
  const entry = bundle.blobs.get(digest) as TarEntry;
  if (await isIntact(path, digest, entry.size, signal)) return path;

  const partial = `${path}.${randomUUID()}.partial`;
  try {
    await copyBlob(bundle, digest, partial, signal);
    await rename(partial, path);
    return path;
  } finally {
    await rm(partial, { force: true });
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.partial')) continue;
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    // Errors are ignored: in a shared cache the file may belong to another user, or another process may have removed it.
    if (info && Date.now() - info.mtimeMs > ABANDONED_MS) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function isIntact(path: string, digest: string, size: number, signal: AbortSignal | undefined): Promise<boolean> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile() || info.size !== size) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, signal ? { signal } : {});
  return `sha256:${hash.digest('hex')}` === digest;
}
