import { failures } from '../../../stages/proof/failures/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Modifiers } from './modifiers.ts';
import { domainsOf } from './router.ts';

interface Given {
  readonly gguf: Handle<'gguf'>;
  readonly score: Handle<'answers'> | null;
  /** Whose answers count in their domains. */
  readonly modifiers?: Modifiers;
  readonly questions: Handle<'questions'>;
}

/** What the failures of a model have in common: of the one that ships, domain by domain through its route. */
export function addFailures(graph: Graph, { gguf, score, modifiers = new Map(), questions }: Given): void {
  const options = graph.recipe.failures;
  if (options === undefined || score === null) return;
  graph.chapter = 'proof';
  const domains = modifiers.size > 0 ? domainsOf(graph) : {};
  const own = Object.fromEntries([...modifiers].map(([name, { score }]) => [`modifier.${name}` as const, score]));
  graph.add('failures', failures, { ...options, domains }, { gguf, questions, answers: score, ...own });
}
