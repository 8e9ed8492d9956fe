import { open } from 'node:fs/promises';
import { BundleError } from './bundle-error.ts';
import { readChunks } from './read-bundle.ts';
import type { TarEntry } from './tar-entries.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

/** Largest text layer, against hostile sizes: the prompts of a router with a hundred routes take about 20 MB. */
const LARGEST_BYTES = 256 * 2 ** 20;

/** The text of the layer of this media type; null: the bundle has none. @throws BundleError BUNDLE_CORRUPT. */
export async function readLayer(
  { path, manifest, blobs }: Pick<VerifiedBundle, 'path' | 'manifest' | 'blobs'>,
  mediaType: string,
): Promise<string | null> {
  const layer = manifest.layers.find((one) => one.mediaType === mediaType);
  if (!layer) return null;
  const entry = blobs.get(layer.digest) as TarEntry;
  if (entry.size > LARGEST_BYTES) {
    const problem = `it has ${entry.size} bytes; at most ${LARGEST_BYTES} are allowed.`;
    throw new BundleError('BUNDLE_CORRUPT', path, entry.name, problem);
  }
  const file = await open(path, 'r');
  try {
    const parts: Buffer[] = [];
    for await (const bytes of readChunks(file, path, entry)) parts.push(Buffer.from(bytes));
    return Buffer.concat(parts).toString('utf8');
  } finally {
    await file.close();
  }
}
