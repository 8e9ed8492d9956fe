import { MEDIA } from './bundle.ts';

/** What stands in the file `oci-layout` of every bundle, to the byte. */
export const OCI_LAYOUT_TEXT = '{"imageLayoutVersion":"1.0.0"}';

/** Where a blob lies inside a bundle. */
export function blobEntry(digest: string): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/**
 * What stands in `index.json`, to the byte: the one file that no hash covers, so that a reader makes it anew from the
 * manifest it names and compares.
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
