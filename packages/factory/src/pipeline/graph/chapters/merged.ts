import { basename } from 'node:path';
import { merge } from '../../../stages/tuning/merge/stage.ts';
import type { Graph, Handle } from '../graph.ts';

interface Given {
  readonly model: Handle<'model'>;
  readonly adapter: Handle<'adapter'>;
  readonly rows: Handle<'rows'>;
  /** Share of the change that is merged; left out: that of `strength`. */
  readonly strength?: Handle<'strength'> | undefined;
}

/**
 * Merges an adapter into its model, as the recipe says.
 *
 * @param strength - Share of the change that is merged; left out: that of the recipe's `merge`.
 */
export function addMerged(graph: Graph, id: string, given: Given, strength = graph.recipe.merge.strength) {
  const { prose } = graph.recipe.merge;
  return graph.add(
    id,
    merge,
    { ...graph.recipe.merge, strength, prose: prose && { path: basename(prose.path) } },
    given,
    prose ? { prose: prose.path } : {},
  );
}
