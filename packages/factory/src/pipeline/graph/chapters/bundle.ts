import { bundle } from '../../../stages/bundle/bundle/stage.ts';
import { validate } from '../../../stages/bundle/validate/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import type { Modifiers } from './modifiers.ts';
import { domainsOf } from './router.ts';

interface Given {
  readonly served: Served;
  readonly modifiers: Modifiers;
  readonly draft: Handle<'gguf'> | null;
  readonly router: Handle<'router'>;
  readonly questions: Handle<'questions'>;
}

/** The file that ships, with the evidence of every node, and the proof that it serves. */
export function addBundle(graph: Graph, { served, modifiers, draft, router, questions }: Given): void {
  graph.chapter = 'bundle';
  const { name, description, base, extendable, validate: options } = graph.recipe;
  const adapters = Object.fromEntries(
    [...modifiers].map(([modifier, { adapter }]) => [`modifier.${modifier}`, adapter]),
  );
  const shipped = graph.add(
    'bundle',
    bundle,
    {
      name,
      description,
      domains: domainsOf(graph),
      origin: base?.from ?? 'full-precision',
      extendable,
    },
    { gguf: served.gguf, router, draft: draft ?? undefined, ...adapters, ...graph.all('evidence') },
  );
  graph.add('validate', validate, options, { bundle: shipped, questions });
}
