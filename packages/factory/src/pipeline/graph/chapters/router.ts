import { BUILT_IN_DOMAINS } from '@cogumi/contracts';
import { route } from '../../../stages/parts/route/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';

interface Given {
  readonly served: Served;
  readonly data: Handle<'rows'>;
  readonly seedPrompts: ReadonlyMap<string, Handle<'questions'>>;
}

/** The network that picks a modifier, learned on the served model's hidden state. */
export function addRouter(graph: Graph, { served, data, seedPrompts }: Given): Handle<'router'> {
  const prompts = Object.fromEntries([...seedPrompts].map(([name, handle]) => [`modifier.${name}`, handle]));
  const options = { ...graph.recipe.route, domains: domainsOf(graph), allDomains: [...BUILT_IN_DOMAINS] };
  return graph.add('route', route, options, { gguf: served.gguf, rows: data, ...prompts });
}

/** Modifier to its domain. */
export function domainsOf({ recipe }: Graph) {
  return Object.fromEntries(Object.entries(recipe.modifiers).map(([name, { domain }]) => [name, domain]));
}
