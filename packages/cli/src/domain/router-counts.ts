import { MEDIA, RouterPrompt } from '@cogumi/contracts';
import { readLayer, type VerifiedBundle } from '@cogumi/runtime/bundle';

/** Held-out prompts of a domain for each that a route learned from: the ratio of the recipe's defaults, 400 to 600. */
const HELD_OUT_SHARE = 2 / 3;
/** At least so many: of 60 prompts one may be wrong and a gate of 0.9 can still be told (Wilson: 0.911); of 34 right ones it cannot. */
const LEAST_HELD_OUT = 60;

/** How many prompts a router is made from; see `route` in a recipe. */
export interface RouterCounts {
  readonly promptsPerRoute: number;
  readonly heldOutPerDomain: number;
}

/**
 * Counts for the router of an extension: as many prompts as a route of the bundle's own router learned from. Its recipe chose them for this
 * base, and reading them is most of what an extension takes.
 *
 * @returns null for a bundle without prompts.
 */
export async function routerCounts(bundle: VerifiedBundle): Promise<RouterCounts | null> {
  const text = await readLayer(bundle, MEDIA.prompts);
  if (text === null) return null;
  const ofModifiers = new Set(bundle.config.modifiers.map(({ domain }) => domain));
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { domain } = RouterPrompt.parse(JSON.parse(line));
    const route = domain !== null && ofModifiers.has(domain) ? domain : 'base';
    counts.set(route, (counts.get(route) ?? 0) + 1);
  }
  // The base learns from more than the others do.
  const ofBase = counts.get('base') ?? 0;
  counts.delete('base');
  const promptsPerRoute = counts.size > 0 ? Math.max(...counts.values()) : ofBase;
  if (promptsPerRoute === 0) return null;
  return { promptsPerRoute, heldOutPerDomain: Math.max(LEAST_HELD_OUT, Math.ceil(promptsPerRoute * HELD_OUT_SHARE)) };
}
