import { join } from 'node:path';
import type { Recipe } from '../recipe/recipe.ts';
import { resolveSources } from '../stages/import/resolve-sources.ts';

/**
 * The recipe with every set of the hub pinned to its commit, so that keys name what is read: what moves upstream never changes
 * a build that has begun. Asks the hub once a revision; without such sources, nothing.
 */
export async function pinSources<R extends Pick<Recipe, 'import'>>(
  recipe: R,
  storeRoot: string,
  signal: AbortSignal,
): Promise<R> {
  return { ...recipe, import: await resolveSources(recipe.import, { pins: join(storeRoot, 'hub-pins.json'), signal }) };
}
