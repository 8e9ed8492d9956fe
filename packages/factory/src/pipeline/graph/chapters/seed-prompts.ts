import { type ModifierRecipe, SEED_PROMPTS } from '../../../recipe/recipe.ts';
import { questions } from '../../../stages/proof/questions/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { type Examples, examplesAgainst } from './data.ts';

/** The questions that each modifier's domain is tried on, by the modifier's name. */
export type SeedPrompts = ReadonlyMap<string, Handle<'questions'>>;

/** For each modifier the tasks that the served model is tried on; teachers answer those it fails. */
export function addSeedPrompts(graph: Graph, heldOut: Handle<'questions'>, examples: Examples): SeedPrompts {
  // Generators keep their training and test questions apart; examples of one's own may repeat either.
  const apart = Object.keys(examples).length > 0 ? { heldOut, ...examplesAgainst(examples) } : {};
  const add = (name: string, { domain, seedPrompts }: ModifierRecipe) => {
    const own = examples[`examples.${domain}`];
    const domains = own ? {} : { [domain]: seedPrompts ?? SEED_PROMPTS };
    const given = own ? { [`examples.${domain}` as const]: own } : {};
    return graph.add(`${name}.prompts`, questions, { domains, split: 'train', unseenShare: 0 }, { ...given, ...apart });
  };
  return new Map(Object.entries(graph.recipe.modifiers).map(([name, recipe]) => [name, add(name, recipe)]));
}
