import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CogumiError } from '@cogumi/contracts';
import { BundleError } from './bundle-error.ts';
import { readChunks } from './read-bundle.ts';
import type { TarEntry } from './tar-entries.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

export interface UnpackedBundle {
  readonly basePath: string;
  /** Modifier to the path of its GGUF adapter. */
  readonly adapterPaths: Readonly<Record<string, string>>;
}

/** A file that is being written changes all the time; one that has not for an hour (chosen) lost its writer. */
const ABANDONED_MS = 3_600_000;

/**
 * Puts base and adapters of a verified bundle where llama.cpp can map them: one file a blob, named by its hash and shared
 * by all bundles. What already lies there is hashed again and replaced when it differs. A file appears whole or not at all; what
 * a killed process left half written goes at the next call after an hour.
 *
 * @throws CogumiError CACHE_UNWRITABLE; BundleError when the bundle has changed since it was verified.
 */
export async function unpackBundle(bundle: VerifiedBundle, cacheFolder: string): Promise<UnpackedBundle> {
  const folder = join(cacheFolder, 'blobs');
  const { base, modifiers } = bundle.config;
  try {
    await mkdir(folder, { recursive: true });
    await sweep(folder);
    const basePath = await unpackBlob(bundle, base.digest, folder);
    const adapterPaths: Record<string, string> = {};
    for (const { name, digest } of modifiers) adapterPaths[name] = await unpackBlob(bundle, digest, folder);
    return { basePath, adapterPaths };
  } catch (error) {
    if (error instanceof CogumiError) throw error;
    throw new CogumiError(
      'CACHE_UNWRITABLE',
      `${bundle.path} cannot be unpacked into ${folder}: ${(error as Error).message}.`,
      `About ${Math.ceil(bundle.bytes / 2 ** 20)} MiB are needed there; COGUMI_CACHE names another folder.`,
      { cause: error },
    );
  }
}

async function unpackBlob(bundle: VerifiedBundle, digest: string, folder: string): Promise<string> {
  const path = join(folder, digest.replace(':', '-'));
  const entry = bundle.blobs.get(digest) as TarEntry;
  if (await holds(path, digest, entry.size)) return path;

  const partial = `${path}.${randomUUID()}.partial`;
  const from = await open(bundle.path, 'r');
  try {
    const to = await open(partial, 'wx');
    const hash = createHash('sha256');
    try {
      for await (const bytes of readChunks(from, bundle.path, entry)) {
        hash.update(bytes);
        await to.writeFile(bytes);
      }
      await to.sync();
    } finally {
      await to.close();
    }
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== digest) {
      throw new BundleError(
        'BUNDLE_CORRUPT',
        bundle.path,
        entry.name,
        `it changed while it was read; it hashes to ${found} now.`,
      );
    }
    await rename(partial, path);
    return path;
  } finally {
    await from.close();
    await rm(partial, { force: true });
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.partial')) continue;
    const path = join(folder, name);
    const info = await stat(path).catch(() => null);
    // In a shared cache it may be another user's, or another process may be faster; room is all that is at stake.
    if (info && Date.now() - info.mtimeMs > ABANDONED_MS) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function holds(path: string, digest: string, size: number): Promise<boolean> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile() || info.size !== size) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return `sha256:${hash.digest('hex')}` === digest;
}
