import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import { makeFolder } from '@cogumi/pure';
import { copyBlob } from './copy-blob.ts';
import { Proofs, sameState, TICK_MS } from './proofs.ts';
import type { TarEntry } from './tar-entries.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

export interface UnpackedBundle {
  readonly basePath: string;
  /** Name of each modifier to the path of its GGUF adapter. */
  readonly adapterPaths: Readonly<Record<string, string>>;
  /** Of the draft model; left out: the bundle has none. */
  readonly draftPath?: string;
}

/** A file that was just unpacked, and hashed meanwhile. */
interface Fresh {
  readonly path: string;
  readonly digest: string;
  readonly state: BigIntStats;
}

/** A partial file that has not changed for this long has lost its writer (chosen). */
const ABANDONED_MS = 3_600_000;

/**
 * Unpacks base and adapters of a verified bundle into files that llama.cpp can map: one file per blob, named by its hash and
 * shared by all bundles. An existing file that is not as it was when it was hashed is hashed again, and replaced if it differs. A file appears only when it is complete.
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
    const proofs = new Proofs(cacheFolder);
    const fresh: Fresh[] = [];
    const unpack = (digest: string) => unpackBlob(bundle, digest, folder, { proofs, fresh }, signal);
    const basePath = await unpack(base.digest);
    const adapterPaths: Record<string, string> = {};
    for (const { name, digest } of modifiers) adapterPaths[name] = await unpack(digest);
    const unpacked = { basePath, adapterPaths, ...(draft ? { draftPath: await unpack(draft.digest) } : {}) };
    await keepFresh(fresh, proofs);
    return unpacked;
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
  { proofs, fresh }: { readonly proofs: Proofs; readonly fresh: Fresh[] },
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = join(folder, digest.replace(':', '-'));
  const entry = bundle.blobs.get(digest) as TarEntry;
  if (await isIntact(path, digest, entry.size, proofs, signal)) return path;

  const partial = `${path}.${randomUUID()}.partial`;
  try {
    await copyBlob(bundle, digest, partial, signal);
    await rename(partial, path);
    fresh.push({ path, digest, state: await stat(path, { bigint: true }) });
    return path;
  } finally {
    await rm(partial, { force: true });
  }
}

/** Files that were hashed as they were written need not be hashed by the next start. */
async function keepFresh(fresh: readonly Fresh[], proofs: Proofs): Promise<void> {
  if (fresh.length > 0) await sleep(TICK_MS);
  for (const { path, digest, state } of fresh) {
    const now = await stat(path, { bigint: true }).catch(() => null);
    if (now && sameState(state, now)) await proofs.keep(state, digest);
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

async function isIntact(
  path: string,
  digest: string,
  size: number,
  proofs: Proofs,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const state = await stat(path, { bigint: true }).catch(() => null);
  if (!state?.isFile() || state.size !== BigInt(size)) return false;
  if (await proofs.has(state, digest)) return true;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, signal ? { signal } : {});
  if (`sha256:${hash.digest('hex')}` !== digest) return false;
  const after = await stat(path, { bigint: true }).catch(() => null);
  if (after && sameState(state, after)) await proofs.keep(state, digest);
  return true;
}
