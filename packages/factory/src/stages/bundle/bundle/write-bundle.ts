import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import {
  BundleConfig,
  BundleManifest,
  blobEntry,
  bundleIndexText,
  CogumiError,
  type Descriptor,
  MEDIA,
  OCI_LAYOUT_TEXT,
  type RouterWeights,
} from '@cogumi/contracts';
import type { z } from 'zod';
import { hashFile } from '../../../artifacts/hash-file.ts';
import { TAR_BLOCK, TAR_LARGEST_ENTRY, tarHeader } from './tar-header.ts';

export interface BundleParts {
  /** File to write, usually `<name>.cogumi`. It appears only when it is complete. */
  readonly output: string;
  readonly name: string;
  readonly description: string;
  readonly base: Omit<z.input<typeof BundleConfig>['base'], 'digest'> & { readonly path: string };
  /** `base`: digest of the GGUF file the adapter was trained on. */
  readonly modifiers: readonly (Omit<BundleConfig['modifiers'][number], 'digest'> & { readonly path: string })[];
  /** `base`: digest of the GGUF file that it drafts for. */
  readonly draft?: { readonly path: string; readonly base: string; readonly parameters: number } | null;
  readonly router: { readonly weights: RouterWeights; readonly base: string } | null;
  /** Documents for people: evidence, licences, card; what an extension needs. `title` is the file name. */
  readonly documents: readonly Document[];
  readonly gates: BundleConfig['gates'];
  readonly lineage: BundleConfig['lineage'];
  readonly licences: readonly string[];
}

type Document = { readonly mediaType: string; readonly title: string } & (
  | { readonly text: string }
  | { readonly path: string }
);

interface Blob {
  readonly descriptor: Descriptor;
  readonly source: { readonly path: string } | { readonly bytes: Buffer };
}

/**
 * Writes a bundle: an OCI image layout in one tar file. Equal parts give equal bytes.
 *
 * @returns `digest` of the manifest (the bundle's identity) and the file's size in bytes.
 * @throws CogumiError MODIFIER_BASE_MISMATCH when a modifier or the router belongs to another base, BUNDLE_TOO_LARGE
 * when one file is larger than a tar entry can be.
 */
export async function writeBundle(parts: BundleParts): Promise<{ digest: string; bytes: number }> {
  const base = await fileBlob(parts.base.path, MEDIA.base, 'base.gguf');
  const { digest: baseDigest } = base.descriptor;
  for (const modifier of parts.modifiers) refuseForeign(`Modifier "${modifier.name}"`, modifier.base, baseDigest);
  if (parts.router) refuseForeign('The router', parts.router.base, baseDigest);

  const { draft: given = null } = parts;
  if (given) refuseForeign('The draft model', given.base, baseDigest);
  const draft = given && (await fileBlob(given.path, MEDIA.draft, 'draft.gguf'));

  const modifiers = await Promise.all(
    parts.modifiers.map(({ name, path }) => fileBlob(path, MEDIA.modifier, `modifiers/${name}.gguf`)),
  );
  const router = parts.router ? textBlob(JSON.stringify(parts.router.weights), MEDIA.router, 'router.json') : null;
  const documents = await Promise.all(
    parts.documents.map(({ mediaType, title, ...document }) =>
      'text' in document ? textBlob(document.text, mediaType, title) : fileBlob(document.path, mediaType, title),
    ),
  );
  const layers = [base, ...modifiers, ...(draft ? [draft] : []), ...(router ? [router] : []), ...documents];

  const config = textBlob(
    JSON.stringify(
      BundleConfig.parse({
        schema: 1,
        name: parts.name,
        description: parts.description,
        base: withoutPath({ ...parts.base, digest: baseDigest }),
        modifiers: parts.modifiers.map((modifier, at) =>
          withoutPath({ ...modifier, digest: modifiers[at]!.descriptor.digest }),
        ),
        ...(given && draft ? { draft: withoutPath({ ...given, digest: draft.descriptor.digest }) } : {}),
        router: router
          ? { digest: router.descriptor.digest, base: baseDigest, routes: parts.router!.weights.routes }
          : null,
        gates: parts.gates,
        lineage: Object.fromEntries(Object.entries(parts.lineage).sort()),
        licences: [...parts.licences],
      }),
    ),
    MEDIA.config,
  );
  const manifest = textBlob(
    JSON.stringify(
      BundleManifest.parse({
        schemaVersion: 2,
        mediaType: MEDIA.manifest,
        artifactType: 'application/vnd.cogumi.bundle.v1',
        config: config.descriptor,
        layers: layers.map(({ descriptor }) => descriptor),
      }),
    ),
    MEDIA.manifest,
  );
  const bytes = await writeTar(parts.output, [
    textEntry('oci-layout', OCI_LAYOUT_TEXT),
    textEntry('index.json', bundleIndexText(parts.name, manifest.descriptor)),
    ...blobEntries([manifest, config, ...layers]),
  ]);
  return { digest: manifest.descriptor.digest, bytes };
}

interface Entry {
  readonly entry: string;
  readonly size: number;
  readonly source: Blob['source'];
}

function textEntry(entry: string, text: string): Entry {
  const bytes = Buffer.from(text);
  return { entry, size: bytes.length, source: { bytes } };
}

/** Sorted by digest. A blob that two layers share is written once. */
function blobEntries(blobs: readonly Blob[]): Entry[] {
  const entries = new Map(
    blobs.map(({ descriptor: { digest, size }, source }) => [digest, { entry: blobEntry(digest), size, source }]),
  );
  return [...entries.values()].sort((left, right) => (left.entry < right.entry ? -1 : 1));
}

async function fileBlob(path: string, mediaType: string, title: string): Promise<Blob> {
  const { size } = await stat(path);
  if (size > TAR_LARGEST_ENTRY) {
    throw new CogumiError(
      'BUNDLE_TOO_LARGE',
      `${title} has ${size} bytes; one file in a bundle has at most ${TAR_LARGEST_ENTRY}.`,
      'Choose a smaller quantization (`--set quantize.type=Q4_K_M`).',
    );
  }
  const digest = `sha256:${await hashFile(path)}`;
  return { descriptor: { mediaType, digest, size, annotations: titled(title) }, source: { path } };
}

function textBlob(text: string, mediaType: string, title?: string): Blob {
  const bytes = Buffer.from(text);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const descriptor = { mediaType, digest, size: bytes.length, ...(title ? { annotations: titled(title) } : {}) };
  return { descriptor, source: { bytes } };
}

function titled(title: string): Record<string, string> {
  return { 'org.opencontainers.image.title': title };
}

function withoutPath<T extends { path: string }>({ path: _, ...rest }: T): Omit<T, 'path'> {
  return rest;
}

function refuseForeign(what: string, trainedOn: string, base: string): void {
  if (trainedOn === base) return;
  throw new CogumiError(
    'MODIFIER_BASE_MISMATCH',
    `${what} was trained on base ${trainedOn}; this bundle's base is ${base}.`,
    'Train it again on this base. All stages after `quantize` must use the same GGUF file.',
  );
}

async function writeTar(output: string, entries: readonly Entry[]): Promise<number> {
  const partial = `${output}.partial`;
  const file = await open(partial, 'w');
  try {
    let at = 0;
    for (const { entry, size, source } of entries) {
      at += (await file.write(tarHeader(entry, size), 0, TAR_BLOCK, at)).bytesWritten;
      const copied =
        'bytes' in source
          ? (await file.write(source.bytes, 0, size, at)).bytesWritten
          : await copy(source.path, file, at);
      if (copied !== size) throw new Error(`${entry} changed while it was written: ${size} bytes became ${copied}.`);
      at += size;
      const padding = Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);
      at += (await file.write(padding, 0, padding.length, at)).bytesWritten;
    }
    at += (await file.write(Buffer.alloc(2 * TAR_BLOCK), 0, 2 * TAR_BLOCK, at)).bytesWritten;
    await file.sync();
    await file.close();
    await rename(partial, output);
    return at;
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

async function copy(path: string, into: FileHandle, at: number): Promise<number> {
  const from = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(2 ** 20);
    let copied = 0;
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, copied);
      if (bytesRead === 0) return copied;
      await into.write(buffer, 0, bytesRead, at + copied);
      copied += bytesRead;
    }
  } finally {
    await from.close();
  }
}
