import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { blobEntry, bundleIndexText, type Descriptor, OCI_LAYOUT_TEXT } from '@cogumi/contracts';
import { BundleError } from './bundle-error.ts';
import { checkContents } from './check-contents.ts';
import { findForeign } from './foreign-file.ts';
import { parseConfig, parseManifest, parseRouter } from './parse-documents.ts';
import { type Proofs, sameState } from './proofs.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

/** Largest JSON documents, against hostile sizes. Documents are read into memory; base and adapters never are. */
const LIMITS = {
  /** index.json and oci-layout have about 300 bytes. */
  layoutBytes: 64 * 2 ** 10,
  /** Largest manifest that registries accept (OCI distribution spec 1.1). Nano's has 3 KB, its config with gates 20 KB. */
  manifestBytes: 4 * 2 ** 20,
  /** A router over 8,192 features with 64 hidden units takes 6 MB. */
  routerBytes: 64 * 2 ** 20,
} as const;

/** Larger blobs are not hashed again in a file that was proven before: they hold weights (chosen; it takes 6 ms). */
const HASHED_BYTES = 8 * 2 ** 20;

/**
 * Reads a bundle and checks every byte of it: headers, paddings, the hash of every blob, and that its parts belong
 * together. Only the JSON documents are read into memory.
 *
 * @param proofs - Where it was proven before and the file is as it was, its large blobs are not hashed again. Default: all are hashed.
 * @throws BundleError with the entry and both values; the signal's reason.
 */
export async function readBundle(path: string, signal?: AbortSignal, proofs?: Proofs): Promise<VerifiedBundle> {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new BundleError('BUNDLE_NOT_FOUND', path, null, 'it cannot be opened.', { cause });
  });
  try {
    return await read(file, path, signal, proofs);
  } finally {
    await file.close();
  }
}

async function read(
  file: FileHandle,
  path: string,
  signal: AbortSignal | undefined,
  proofs: Proofs | undefined,
): Promise<VerifiedBundle> {
  const state = await file.stat({ bigint: true });
  const info = await file.stat();
  if (info.isDirectory()) {
    const hint = 'Give a *.cogumi file. A folder with a model is built first: name it as `base.path` in a recipe.';
    throw new BundleError('NOT_A_BUNDLE', path, null, 'it is a folder.', { hint });
  }
  if (!info.isFile()) throw new BundleError('BUNDLE_NOT_FOUND', path, null, 'it is not a file.');
  if (info.size === 0) {
    const hint = 'The copy or download never began, or the disk was full: get the file again.';
    throw new BundleError('BUNDLE_TRUNCATED', path, null, 'it is empty.', { hint });
  }
  const foreign = await findForeign(file);
  if (foreign) {
    const { what, advice: hint } = foreign;
    throw new BundleError('NOT_A_BUNDLE', path, null, `it is no bundle: it is ${what}.`, { hint });
  }
  const entries = new Map((await readTarEntries(file, info.size, path)).map((entry) => [entry.name, entry]));
  const document = (name: string, max: number) => readDocument(file, path, entries.get(name), name, max);

  const layout = (await document('oci-layout', LIMITS.layoutBytes)).toString();
  if (layout !== OCI_LAYOUT_TEXT) {
    throw new BundleError(
      'BUNDLE_CORRUPT',
      path,
      'oci-layout',
      `it reads ${truncate(layout)}, not ${OCI_LAYOUT_TEXT}.`,
    );
  }
  const index = (await document('index.json', LIMITS.layoutBytes)).toString();
  const digest = /"digest":"(sha256:[0-9a-f]{64})"/.exec(index)?.[1];
  if (digest === undefined) throw new BundleError('BUNDLE_CORRUPT', path, 'index.json', 'it does not name a manifest.');

  const proven = (await proofs?.has(state, digest)) ?? false;
  const blobs = await hashBlobs(file, path, entries, signal, proven ? HASHED_BYTES : Number.POSITIVE_INFINITY);
  const blob = (descriptor: Pick<Descriptor, 'digest' | 'size'>, max: number) => {
    const entry = blobs.get(descriptor.digest);
    if (entry && entry.size !== descriptor.size) {
      throw new BundleError(
        'BUNDLE_CORRUPT',
        path,
        entry.name,
        `it has ${entry.size} bytes, its descriptor says ${descriptor.size}.`,
      );
    }
    return document(blobEntry(descriptor.digest), max);
  };
  const manifestSize = blobs.get(digest)?.size ?? 0;
  const manifest = parseManifest(
    path,
    blobEntry(digest),
    await blob({ digest, size: manifestSize }, LIMITS.manifestBytes),
  );
  const config = parseConfig(
    path,
    blobEntry(manifest.config.digest),
    await blob(manifest.config, LIMITS.manifestBytes),
  );
  const expected = bundleIndexText(config.name, { digest, size: manifestSize });
  if (index !== expected)
    throw new BundleError(
      'BUNDLE_CORRUPT',
      path,
      'index.json',
      `it reads ${truncate(index)}, not ${truncate(expected)}.`,
    );

  const routerLayer = manifest.layers.find((layer) => layer.digest === config.router?.digest);
  const router = routerLayer
    ? parseRouter(path, blobEntry(routerLayer.digest), await blob(routerLayer, LIMITS.routerBytes))
    : null;
  checkContents(path, { digest, manifest, config, router, blobs });
  if (proofs && !proven && sameState(state, await file.stat({ bigint: true }))) await proofs.keep(state, digest);
  return { path, bytes: info.size, digest, manifest, config, router, blobs };
}

/** Hashes the bytes of every blob of at most so many bytes, and compares the hash with the blob's name. */
async function hashBlobs(
  file: FileHandle,
  path: string,
  entries: ReadonlyMap<string, TarEntry>,
  signal: AbortSignal | undefined,
  most: number,
): Promise<Map<string, TarEntry>> {
  const blobs = new Map<string, TarEntry>();
  for (const entry of entries.values()) {
    if (!entry.name.startsWith('blobs/')) continue;
    const expected = `sha256:${entry.name.slice('blobs/sha256/'.length)}`;
    blobs.set(expected, entry);
    if (entry.size > most) continue;
    const hash = createHash('sha256');
    for await (const bytes of readChunks(file, path, entry, signal)) hash.update(bytes);
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== expected) throw new BundleError('BUNDLE_CORRUPT', path, entry.name, `its bytes hash to ${found}.`);
  }
  return blobs;
}

/** Yields the bytes of an entry in chunks of at most 1 MiB. A chunk is valid until the next one is requested. */
export async function* readChunks(
  file: FileHandle,
  path: string,
  entry: TarEntry,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(Math.min(2 ** 20, entry.size));
  for (let done = 0; done < entry.size; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, entry.size - done), entry.offset + done);
    if (bytesRead === 0) {
      throw new BundleError('BUNDLE_TRUNCATED', path, entry.name, `it ends after ${done} of ${entry.size} bytes.`);
    }
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readDocument(
  file: FileHandle,
  path: string,
  entry: TarEntry | undefined,
  name: string,
  max: number,
): Promise<Buffer> {
  if (!entry) throw new BundleError('BUNDLE_CORRUPT', path, name, 'this entry is missing.');
  if (entry.size > max) {
    throw new BundleError('BUNDLE_CORRUPT', path, name, `it has ${entry.size} bytes; at most ${max} are allowed.`);
  }
  const parts: Buffer[] = [];
  for await (const bytes of readChunks(file, path, entry)) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}

function truncate(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
