import { type BundleConfig, type Domain, isBuiltIn } from '@cogumi/contracts';
import { bundle } from '../../../stages/bundle/bundle/stage.ts';
import { validate } from '../../../stages/bundle/validate/stage.ts';
import { route } from '../../../stages/parts/route/stage.ts';
import { compare } from '../../../stages/proof/compare/stage.ts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { questions } from '../../../stages/proof/questions/stage.ts';
import { inherit } from '../../../stages/start/inherit/stage.ts';
import { inheritedExamples } from '../../../stages/start/inherited-examples/stage.ts';
import { readGguf } from '../../../stages/start/read-gguf/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addExamples, type Examples } from './data.ts';
import { measure } from './measure.ts';
import { addModifier, type Modifiers } from './modifiers.ts';
import { domainsOf } from './router.ts';
import { addSeedPrompts, type SeedPrompts } from './seed-prompts.ts';

/** A bundle that another one is made from: what its config says, and its identity. */
export interface Inherited {
  readonly digest: string;
  readonly config: BundleConfig;
}

interface Given {
  readonly base: Handle<'gguf'>;
  readonly heldOut: Handle<'questions'>;
  readonly seedPrompts: SeedPrompts;
  readonly examples: Examples;
}

/**
 * What a recipe that extends a bundle becomes. Base and modifiers of the bundle are kept as they are; only what is new is
 * trained and measured, on that base and against it, and only the router learns all routes again.
 */
export function addExtension(graph: Graph, { digest, config }: Inherited): void {
  const { path, without } = graph.recipe.extend!;
  const kept = config.modifiers.filter(({ name }) => !without.includes(name));
  graph.chapter = 'start';
  const base = graph.add('inherit', inherit, { digest }, {}, { bundle: path });

  graph.chapter = 'questions';
  const examples = { ...addInheritedExamples(graph, base, kept), ...addExamples(graph) };
  const heldOut = graph.add('questions', questions, askedOf(graph, kept), examples);
  const given = { base, heldOut, examples, seedPrompts: addSeedPrompts(graph, heldOut, examples) };

  const added = addAdded(graph, given);
  const domains = { ...Object.fromEntries(kept.map(({ name, domain }) => [name, domain])), ...domainsOf(graph) };
  const router = addRefreshedRouter(graph, given, domains, added);

  graph.chapter = 'bundle';
  const { name, description, extendable, validate: options } = graph.recipe;
  const adapters = Object.fromEntries([...added].map(([modifier, { adapter }]) => [`modifier.${modifier}`, adapter]));
  const shipped = graph.add(
    'bundle',
    bundle,
    { name, description: description || config.description, domains, origin: config.base.origin, extendable },
    { gguf: base, router, inherited: base, ...adapters, ...graph.all('evidence') },
  );
  graph.add('validate', validate, options, { bundle: shipped, questions: heldOut });
}

/** Held-out examples of each domain of one's own that stays. */
function addInheritedExamples(graph: Graph, inherited: Handle<'gguf'>, kept: BundleConfig['modifiers']): Examples {
  const own = [...new Set(kept.map(({ domain }) => domain))].filter((domain) => !isBuiltIn(domain));
  return Object.fromEntries(
    own.map((domain) => [
      `examples.${domain}`,
      graph.add(`${domain}.examples`, inheritedExamples, { domain }, { inherited }),
    ]),
  );
}

/** Held-out questions of what is new, and a few of every built-in domain that stays, for the served bundle to answer. */
function askedOf({ recipe }: Graph, kept: BundleConfig['modifiers']) {
  const few = { easy: recipe.validate.samples, hard: recipe.validate.samples };
  const stay = kept.flatMap(({ domain }): [Domain, typeof few][] => (isBuiltIn(domain) ? [[domain, few]] : []));
  return { ...recipe.questions, domains: { ...Object.fromEntries(stay), ...recipe.questions.domains } };
}

/** The new modifiers, each better than the inherited base for certain. */
function addAdded(graph: Graph, { base: gguf, heldOut, seedPrompts, examples }: Given): Modifiers {
  const added = Object.entries(graph.recipe.modifiers);
  if (added.length === 0) return new Map();
  graph.chapter = 'modifiers';
  const tensors = graph.add('tensors', readGguf, { licence: 'unknown', chatTemplate: null }, { gguf });
  return new Map(
    added.map(([name, recipe]) => {
      const { domain } = recipe;
      const asked = measure(graph, { domains: [domain] });
      const score = graph.add(`${name}.base`, evaluate, asked, { gguf, questions: heldOut });
      const served = { gguf, tensors, score, reference: score };
      const modifier = addModifier(graph, name, recipe, {
        ...{ served, questions: heldOut, seedPrompts, examples, proven: true },
      });
      return [name, modifier] as const;
    }),
  );
}

/** All routes, learned again, when every new modifier has proven itself. */
function addRefreshedRouter(graph: Graph, given: Given, domains: Readonly<Record<string, Domain>>, added: Modifiers) {
  const { base, seedPrompts, examples } = given;
  graph.chapter = 'proof';
  for (const [name, { score }] of added) {
    const start = { id: `${name}.base`, kind: 'answers' } as const;
    const domain = graph.recipe.modifiers[name]!.domain;
    graph.add(
      `${name}.compare`,
      compare,
      { domains: { [name]: domain } },
      { start, base: start, [`modifier.${name}`]: score },
    );
  }
  graph.chapter = 'router';
  const prompts = Object.fromEntries([...seedPrompts].map(([name, handle]) => [`modifier.${name}` as const, handle]));
  const proof = Object.fromEntries([...added].map(([name, { score }]) => [`proof.${name}` as const, score]));
  const options = { ...graph.recipe.route, domains };
  return graph.add('route', route, options, { gguf: base, inherited: base, ...prompts, ...examples, ...proof });
}
