import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { type BundleConfig, type BundleManifest, type Descriptor, MEDIA } from '@cogumi/contracts';
import { canonicalJson } from '../../artifacts/canonical-json.ts';
import { hashFile } from '../../artifacts/hash-file.ts';
import { type TarEntry, writeTar } from './write-tar.ts';

export interface Layer {
  readonly mediaType: string;
  /** Becomes the annotation `org.opencontainers.image.title`. */
  readonly title: string;
  readonly content: Buffer | { readonly path: string };
}

/** Digest and size of a layer, before anything is written. */
export async function describe({ mediaType, title, content }: Layer): Promise<Descriptor> {
  const digest = Buffer.isBuffer(content) ? sha256(content) : await hashFile(content.path);
  const size = Buffer.isBuffer(content) ? content.length : (await stat(content.path)).size;
  return { mediaType, digest: `sha256:${digest}`, size, annotations: { 'org.opencontainers.image.title': title } };
}

/**
 * Writes a bundle: an OCI image layout in one tar. Equal layers and config give equal bytes.
 *
 * @returns The digest of the manifest, which is the bundle's identity.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function writeBundle(path: string, config: BundleConfig, layers: readonly Layer[]): Promise<{ digest: string; bytes: number }> {
  const configBlob = json(config);
  const described = await Promise.all(layers.map(async (layer) => ({ layer, descriptor: await describe(layer) })));
  const manifest: BundleManifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType: 'application/vnd.cogumi.bundle.v1',
    config: { mediaType: MEDIA.config, digest: `sha256:${sha256(configBlob)}`, size: configBlob.length },
    layers: described.map(({ descriptor }) => descriptor),
  };
  const manifestBlob = json(manifest);
  const digest = `sha256:${sha256(manifestBlob)}`;
  const index = json({
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [{ mediaType: MEDIA.manifest, digest, size: manifestBlob.length }],
  });

  const blobs = new Map<string, TarEntry>();
  const add = (blobDigest: string, content: TarEntry['content'], bytes: number) => {
    const name = `blobs/sha256/${blobDigest.replace('sha256:', '')}`;
    blobs.set(name, { name, bytes, content });
  };
  add(digest, manifestBlob, manifestBlob.length);
  add(manifest.config.digest, configBlob, configBlob.length);
  for (const { layer, descriptor } of described) add(descriptor.digest, layer.content, descriptor.size);
  const layout = json({ imageLayoutVersion: '1.0.0' });
  const handle = await open(path, 'w');
  try {
    await writeTar(handle, [
      { name: 'oci-layout', bytes: layout.length, content: layout },
      { name: 'index.json', bytes: index.length, content: index },
      ...[...blobs.values()].sort((left, right) => (left.name < right.name ? -1 : 1)),
    ]);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest, bytes: (await stat(path)).size };
}

function json(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8');
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
