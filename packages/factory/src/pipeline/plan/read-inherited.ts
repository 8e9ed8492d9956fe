import { CogumiError, EXIT, MEDIA } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { readBundle, type VerifiedBundle } from '@cogumi/runtime/bundle';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Inherited } from '../graph/chapters/extension.ts';

/**
 * Reads the bundle that a recipe extends, checks every byte of it, and refuses what cannot be added to it or left out of it.
 *
 * @throws BundleError; CogumiError BUNDLE_NOT_EXTENDABLE, MODIFIER_UNKNOWN, MODIFIER_EXISTS.
 */
export async function readInherited(
  { path, without }: NonNullable<Recipe['extend']>,
  modifiers: Recipe['modifiers'],
  signal: AbortSignal,
): Promise<Inherited> {
  const bundle = await readBundle(path, signal);
  const { config, digest } = bundle;
  refuseClosed(bundle);
  const names = config.modifiers.map(({ name }) => name);
  for (const name of without) if (!names.includes(name)) throw unknown(path, name, names);
  const kept = config.modifiers.filter(({ name }) => !without.includes(name));
  for (const [name, { domain }] of Object.entries(modifiers)) {
    const taken = kept.find((one) => one.name === name || one.domain === domain);
    if (!taken) continue;
    throw new CogumiError(
      'MODIFIER_EXISTS',
      `${path} already has the modifier "${taken.name}" for the domain ${taken.domain}; the router allows one a domain, and one of a name.`,
      `Remove it first (\`cogumi domain remove ${taken.name} --bundle ${path}\`), or take another name.`,
      { exitCode: EXIT.usage },
    );
  }
  return { digest, config };
}

/** Without what the router learned the old routes from, a new one would forget them. */
function refuseClosed({ path, manifest }: VerifiedBundle): void {
  if (manifest.layers.some(({ mediaType }) => mediaType === MEDIA.prompts)) return;
  throw new CogumiError(
    'BUNDLE_NOT_EXTENDABLE',
    `${path} holds no prompts of its router, so a router for more or fewer modifiers could not learn its routes again.`,
    'Build it again from its recipe with this version of Cogumi, and with `extendable: true`.',
    { exitCode: EXIT.usage },
  );
}

function unknown(path: string, name: string, names: readonly string[]): CogumiError {
  const near = nearest(name, names);
  return new CogumiError(
    'MODIFIER_UNKNOWN',
    `${path} has no modifier "${name}"${near === null ? '' : `; did you mean "${near}"?`}`,
    names.length === 0 ? 'It has no modifiers.' : `It has ${names.join(', ')}.`,
    { exitCode: EXIT.usage },
  );
}
