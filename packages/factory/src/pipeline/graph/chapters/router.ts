import { route } from '../../../stages/parts/route/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import type { Examples } from './data.ts';

interface Given {
  readonly served: Served;
  readonly data: Handle<'rows'> | undefined;
  readonly seedPrompts: ReadonlyMap<string, Handle<'questions'>>;
  readonly examples: Examples;
}

/** The network that picks a modifier, learned on the served model's hidden state. */
export function addRouter(graph: Graph, { served, data, seedPrompts, examples }: Given): Handle<'router'> {
  graph.chapter = 'router';
  const prompts = Object.fromEntries([...seedPrompts].map(([name, handle]) => [`modifier.${name}`, handle]));
  const options = { ...graph.recipe.route, domains: domainsOf(graph) };
  return graph.add('route', route, options, { gguf: served.gguf, rows: data, ...prompts, ...examples });
}

/** Modifier to its domain. */
export function domainsOf({ recipe }: Graph) {
  return Object.fromEntries(Object.entries(recipe.modifiers).map(([name, { domain }]) => [name, domain]));
}
