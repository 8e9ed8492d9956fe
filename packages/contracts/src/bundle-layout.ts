import { MEDIA } from './bundle.ts';

/** Exact content of the file `oci-layout` in every bundle. */
export const OCI_LAYOUT_TEXT = '{"imageLayoutVersion":"1.0.0"}';

/** Path of a blob inside a bundle. */
export function blobEntry(digest: string): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/**
 * Exact content of `index.json`. No hash covers this file, so a reader generates it again from the manifest that it names and
 * compares the two.
 */
export function bundleIndexText(name: string, manifest: { readonly digest: string; readonly size: number }): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [
      {
        mediaType: MEDIA.manifest,
        digest: manifest.digest,
        size: manifest.size,
        annotations: { 'org.opencontainers.image.ref.name': name },
      },
    ],
  });
}
