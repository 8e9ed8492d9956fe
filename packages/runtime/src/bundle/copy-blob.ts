import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { BundleError } from './bundle-error.ts';
import { readChunks } from './read-bundle.ts';
import type { TarEntry } from './tar-entries.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

/**
 * Copies a blob of a verified bundle to a new file, and hashes it again.
 *
 * @throws BundleError if the bundle has changed since it was verified; what the system says of the file; the signal's reason.
 */
export async function copyBlob(
  bundle: Pick<VerifiedBundle, 'path' | 'blobs'>,
  digest: string,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const entry = bundle.blobs.get(digest) as TarEntry;
  const from = await open(bundle.path, 'r');
  try {
    const to = await open(target, 'wx');
    const hash = createHash('sha256');
    try {
      for await (const bytes of readChunks(from, bundle.path, entry, signal)) {
        hash.update(bytes);
        await to.writeFile(bytes);
      }
      await to.sync();
    } finally {
      await to.close();
    }
    const found = `sha256:${hash.digest('hex')}`;
    if (found === digest) return;
    throw new BundleError(
      'BUNDLE_CORRUPT',
      bundle.path,
      entry.name,
      `it has changed since it was verified; its hash is now ${found}.`,
    );
  } finally {
    await from.close();
  }
}
