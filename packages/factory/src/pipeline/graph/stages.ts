import { learnsRows, type Recipe } from '../../recipe/recipe.ts';
import { addBundle } from './chapters/bundle.ts';
import { addComparison } from './chapters/comparison.ts';
import { addCompression } from './chapters/compression.ts';
import { addData, addEvaluationSet, addExamples } from './chapters/data.ts';
import { addDraft } from './chapters/draft.ts';
import { addExtension, type Inherited } from './chapters/extension.ts';
import { addFailures } from './chapters/failures.ts';
import { addModifiers } from './chapters/modifiers.ts';
import { addRouter } from './chapters/router.ts';
import { addSeedPrompts } from './chapters/seed-prompts.ts';
import { addStart } from './chapters/start.ts';
import { addTuning } from './chapters/tuning.ts';
import { Graph } from './graph.ts';
import type { Node } from './node.ts';

/**
 * THE story: what a recipe becomes, from the first question to the proven bundle.
 *
 * @param inherited - The bundle that the recipe extends; null: none, everything is built.
 */
export function stagesOf(recipe: Recipe, inherited: Inherited | null = null): Node[] {
  const graph = new Graph(recipe);
  if (inherited) {
    addExtension(graph, inherited);
    return graph.nodes;
  }
  // Questions come first, so that a count that cannot be met fails before any training.
  const examples = addExamples(graph);
  const questions = addEvaluationSet(graph, examples);
  const seedPrompts = addSeedPrompts(graph, questions, examples);
  if (recipe.make === 'data') {
    addData(graph, questions, examples);
    return graph.nodes;
  }

  // The model that training starts from, scored as it is.
  const start = addStart(graph, questions);
  if (recipe.make === 'model') {
    addFailures(graph, { ...start, questions });
    return graph.nodes;
  }

  // The start, tuned on the data in full precision. In each domain the better of the two is the reference.
  const data = learnsRows(recipe) ? addData(graph, questions, examples) : undefined;
  const tuned = addTuning(graph, { start, data, questions, examples });

  // What is served: smaller, and measured against the reference.
  const served = addCompression(graph, { tuned, data, questions });

  // What ships beside it: adapters for single domains, a draft model, and the router that picks an adapter.
  const modifiers = addModifiers(graph, { served, questions, seedPrompts, examples });
  addComparison(graph, { start, reference: tuned.reference, served, modifiers });
  addFailures(graph, { ...served, modifiers, questions });
  const draft = addDraft(graph, { served, data, questions });
  const router = addRouter(graph, { served, data, seedPrompts, examples });

  // One file, proven by serving it.
  addBundle(graph, { served, modifiers, draft, router, questions });
  return graph.nodes;
}
