import { type BundleConfig, blobEntry, MEDIA } from '@cogumi/contracts';
import { routerShapeProblems } from '@cogumi/pure';
import { BundleError } from './bundle-error.ts';
import type { VerifiedBundle } from './verified-bundle.ts';

/** Names become model ids and header values. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Checks that the parts of a bundle belong together: all layers and no others are present, each layer that the config names
 * exists with the right media type, and modifiers and router were trained on this base.
 *
 * @throws BundleError BUNDLE_CORRUPT, MODIFIER_BASE_MISMATCH, DRAFT_BASE_MISMATCH, ROUTER_BASE_MISMATCH.
 */
export function checkContents(
  path: string,
  bundle: Pick<VerifiedBundle, 'digest' | 'manifest' | 'config' | 'router' | 'blobs'>,
) {
  checkBlobs(path, bundle);
  const { config, manifest, router } = bundle;
  const corrupt = (problem: string) => {
    throw new BundleError('BUNDLE_CORRUPT', path, blobEntry(manifest.config.digest), problem);
  };
  const layers = (mediaType: string) => manifest.layers.filter((layer) => layer.mediaType === mediaType);
  const only = (what: string, mediaType: string, digests: readonly string[]) => {
    const found = layers(mediaType).map(({ digest }) => digest);
    if ([...found].sort().join() !== [...digests].sort().join()) {
      corrupt(
        `${what}: the config names ${digests.join(', ') || 'none'}, the manifest has ${found.join(', ') || 'none'}.`,
      );
    }
  };
  if (!NAME.test(config.name)) corrupt(`the name ${JSON.stringify(config.name.slice(0, 80))} is not allowed.`);
  only('base', MEDIA.base, [config.base.digest]);
  only(
    'modifiers',
    MEDIA.modifier,
    config.modifiers.map(({ digest }) => digest),
  );
  only('draft model', MEDIA.draft, config.draft ? [config.draft.digest] : []);
  only('router', MEDIA.router, config.router ? [config.router.digest] : []);

  const names = config.modifiers.map(({ name }) => name);
  for (const name of names) {
    if (!NAME.test(name) || name === 'base')
      corrupt(`the modifier name ${JSON.stringify(name.slice(0, 80))} is not allowed.`);
  }
  if (new Set(names).size !== names.length) corrupt('a modifier appears twice.');
  checkBases(path, config);

  if (!config.router || !router) return;
  const problems = routerShapeProblems(router);
  const unknown = router.routes.filter((route) => route !== 'base' && !names.includes(route));
  if (unknown.length > 0)
    problems.push(`it has the routes ${unknown.join(', ')}, which are not modifiers of this bundle`);
  if (router.routes.join() !== config.router.routes.join()) {
    problems.push(
      `its routes are ${router.routes.join(', ')}, those in the config are ${config.router.routes.join(', ')}`,
    );
  }
  if (problems.length > 0) {
    throw new BundleError('BUNDLE_CORRUPT', path, blobEntry(config.router.digest), `${problems.join('; ')}.`);
  }
}

function checkBlobs(path: string, { digest, manifest, blobs }: Pick<VerifiedBundle, 'digest' | 'manifest' | 'blobs'>) {
  const referenced = new Set([digest]);
  for (const descriptor of [manifest.config, ...manifest.layers]) {
    referenced.add(descriptor.digest);
    const entry = blobs.get(descriptor.digest);
    if (!entry) throw new BundleError('BUNDLE_CORRUPT', path, blobEntry(descriptor.digest), 'this entry is missing.');
    if (entry.size !== descriptor.size) {
      throw new BundleError(
        'BUNDLE_CORRUPT',
        path,
        entry.name,
        `it has ${entry.size} bytes, the manifest says ${descriptor.size}.`,
      );
    }
  }
  for (const [blob, entry] of blobs) {
    if (!referenced.has(blob))
      throw new BundleError('BUNDLE_CORRUPT', path, entry.name, 'the manifest does not name this entry.');
  }
}

function checkBases(path: string, { base, modifiers, draft, router }: BundleConfig) {
  for (const modifier of modifiers) {
    if (modifier.base === base.digest) continue;
    throw new BundleError(
      'MODIFIER_BASE_MISMATCH',
      path,
      `modifier "${modifier.name}"`,
      `it was trained on base ${modifier.base}; the base here is ${base.digest}.`,
    );
  }
  if (draft && draft.base !== base.digest) {
    throw new BundleError(
      'DRAFT_BASE_MISMATCH',
      path,
      'draft model',
      `it drafts for base ${draft.base}; the base here is ${base.digest}.`,
    );
  }
  if (router && router.base !== base.digest) {
    throw new BundleError(
      'ROUTER_BASE_MISMATCH',
      path,
      'router',
      `it was trained on base ${router.base}; the base here is ${base.digest}.`,
    );
  }
}
