import type { BundleConfig, BundleManifest, RouterWeights } from '@cogumi/contracts';
import type { TarEntry } from './tar-entries.ts';

/** A bundle of which every byte has been checked. */
export interface VerifiedBundle {
  /** As it was given. */
  readonly path: string;
  readonly bytes: number;
  /** `sha256:…` of the manifest: the bundle's identity. */
  readonly digest: string;
  readonly manifest: BundleManifest;
  readonly config: BundleConfig;
  readonly router: RouterWeights | null;
  /** Where each blob lies, by digest. */
  readonly blobs: ReadonlyMap<string, TarEntry>;
}
