export { BundleError } from './bundle-error.ts';
export { copyBlob } from './copy-blob.ts';
export { listBlobs } from './list-blobs.ts';
export { readBundle } from './read-bundle.ts';
export { readLayer } from './read-layer.ts';
export type { VerifiedBundle } from './verified-bundle.ts';
