import { compare } from '../../../stages/proof/compare/stage.ts';
import type { Graph } from '../graph.ts';
import type { Served } from './compression.ts';
import type { Modifiers } from './modifiers.ts';
import { domainsOf } from './router.ts';
import type { Start } from './start.ts';

interface Given {
  readonly start: Start;
  readonly served: Served;
  readonly modifiers: Modifiers;
}

/** What ships, domain by domain through its route, against the model that the build started from. */
export function addComparison(graph: Graph, { start, served, modifiers }: Given): void {
  graph.chapter = 'proof';
  const scores = Object.fromEntries([...modifiers].map(([name, { score }]) => [`modifier.${name}` as const, score]));
  graph.add(
    'compare',
    compare,
    { domains: domainsOf(graph) },
    { start: start.score ?? served.score, base: served.score, ...scores },
  );
}
