import { compare } from '../../../stages/proof/compare/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import type { Modifiers } from './modifiers.ts';
import { domainsOf } from './router.ts';
import type { Start } from './start.ts';

interface Given {
  readonly start: Start;
  /** The better of start and tuned model; null: there is no tuned model. */
  readonly reference: Handle<'answers'> | null;
  readonly served: Served;
  readonly modifiers: Modifiers;
}

/** What ships, domain by domain through its route, against the model that the build started from. */
export function addComparison(graph: Graph, { start, reference, served, modifiers }: Given): void {
  graph.chapter = 'proof';
  const scores = Object.fromEntries([...modifiers].map(([name, { score }]) => [`modifier.${name}` as const, score]));
  graph.add(
    'compare',
    compare,
    { domains: domainsOf(graph) },
    {
      ...{ start: start.score ?? served.score, base: served.score, ...scores },
      reference: reference && reference.id !== start.score?.id ? reference : undefined,
    },
  );
}
