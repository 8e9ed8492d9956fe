import { join } from 'node:path';
import { openHubOnce } from '@cogumi/data/hub';
import { resolveSources } from '@cogumi/data/import';
import type { Recipe } from '../../recipe/recipe.ts';
import type { SourceSize } from '../../stages/stage.ts';
import type { Inherited } from '../graph/chapters/extension.ts';
import { pinBase } from './pin-base.ts';
import { readInherited } from './read-inherited.ts';

/** A recipe that names what it reads. */
export interface Pinned<R> {
  readonly recipe: R;
  /** What is known of what it reads from the hub, by node and source. */
  readonly sourceSizes: Readonly<Record<string, Readonly<Record<string, SourceSize>>>>;
  /** The bundle that it extends. */
  readonly inherited: Inherited | null;
}

interface PinOptions {
  readonly signal: AbortSignal;
  /** Opens the client of the hub when something is read from it. */
  readonly hub?: ReturnType<typeof openHubOnce>;
}

type Readings = Pick<Recipe, 'base' | 'import' | 'domains'> & Partial<Pick<Recipe, 'extend' | 'modifiers'>>;

/**
 * The recipe with every set and model of the hub pinned to its commit, so that keys name what is read: what moves upstream never
 * changes a build that has begun. Asks the hub once a revision; without such sources, nothing. A bundle that it extends is read.
 */
export async function pinSources<R extends Readings>(
  recipe: R,
  storeRoot: string,
  { signal, hub = openHubOnce() }: PinOptions,
): Promise<Pinned<R>> {
  const pins = join(storeRoot, 'hub-pins.json');
  const { sizes, ...resolved } = await resolveSources(recipe.import, { pins, signal, hub });
  const domains: Record<string, Recipe['domains'][string]> = {};
  const sourceSizes: Record<string, Readonly<Record<string, SourceSize>>> = { import: sizes };
  for (const [domain, options] of Object.entries(recipe.domains)) {
    const own = await resolveSources({ sources: options.examples }, { pins, signal, hub });
    domains[domain] = { ...options, examples: own.sources };
    sourceSizes[`${domain}.examples`] = own.sizes;
  }
  const pinned = { ...recipe, import: resolved, domains };
  const { base, extend } = recipe;
  const inherited = extend ? await readInherited(extend, recipe.modifiers ?? {}, signal) : null;
  if (!base?.hub) return { recipe: pinned, sourceSizes, inherited };
  const found = await pinBase(base, base.hub, { hub, storeRoot, signal });
  sourceSizes.base = { model: found.size };
  return { recipe: { ...pinned, base: found.base }, sourceSizes, inherited };
}
