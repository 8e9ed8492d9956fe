import type { BundleConfig, BundleManifest, RouterWeights } from '@cogumi/contracts';
import type { TarEntry } from './tar-entries.ts';

/** A bundle in which every byte has been checked. */
export interface VerifiedBundle {
  /** Path as the caller gave it. */
  readonly path: string;
  readonly bytes: number;
  /** `sha256:…` of the manifest: the bundle's identity. */
  readonly digest: string;
  readonly manifest: BundleManifest;
  readonly config: BundleConfig;
  readonly router: RouterWeights | null;
  /** Digest to position of each blob. */
  readonly blobs: ReadonlyMap<string, TarEntry>;
}
