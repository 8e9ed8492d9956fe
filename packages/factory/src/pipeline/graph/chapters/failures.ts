import { failures } from '../../../stages/proof/failures/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import type { Modifiers } from './modifiers.ts';
import { domainsOf } from './router.ts';

interface Given {
  readonly served: Served;
  readonly modifiers: Modifiers;
  readonly questions: Handle<'questions'>;
}

/** What the failures of what ships have in common, domain by domain through its route. */
export function addFailures(graph: Graph, { served, modifiers, questions }: Given): void {
  const options = graph.recipe.failures;
  if (options === undefined) return;
  graph.chapter = 'proof';
  const { gguf, score: answers } = served;
  const scores = Object.fromEntries([...modifiers].map(([name, { score }]) => [`modifier.${name}` as const, score]));
  graph.add('failures', failures, { ...options, domains: domainsOf(graph) }, { gguf, questions, answers, ...scores });
}
