import { join } from 'node:path';
import { resolveSources } from '@cogumi/data/import';
import type { Recipe } from '../../recipe/recipe.ts';

/** A recipe that names what it reads. */
export interface Pinned<R> {
  readonly recipe: R;
  /** Sizes of what it reads from the hub, by node and source. */
  readonly sourceBytes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * The recipe with every set of the hub pinned to its commit, so that keys name what is read: what moves upstream never changes
 * a build that has begun. Asks the hub once a revision; without such sources, nothing.
 */
export async function pinSources<R extends Pick<Recipe, 'import' | 'domains'>>(
  recipe: R,
  storeRoot: string,
  signal: AbortSignal,
): Promise<Pinned<R>> {
  const pins = join(storeRoot, 'hub-pins.json');
  const { bytes, ...resolved } = await resolveSources(recipe.import, { pins, signal });
  const domains: Record<string, Recipe['domains'][string]> = {};
  const sourceBytes: Record<string, Readonly<Record<string, number>>> = { import: bytes };
  for (const [domain, options] of Object.entries(recipe.domains)) {
    const own = await resolveSources({ sources: options.examples }, { pins, signal });
    domains[domain] = { ...options, examples: own.sources };
    sourceBytes[`${domain}.examples`] = own.bytes;
  }
  return { recipe: { ...recipe, import: resolved, domains }, sourceBytes };
}
